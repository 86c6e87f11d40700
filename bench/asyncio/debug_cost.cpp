// What debug mode costs: the same work with it off and on, in turn.
#include <heddle/asyncio.h>

#include "../measure.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

static Coro<void> yields(long rounds) {
  for (long i = 0; i < rounds; ++i) co_await asyncio::sleep(0s);
}

static Coro<void> nothing() { co_return; }

static Coro<void> spawns(long rounds) {
  for (long i = 0; i < rounds; ++i) co_await asyncio::create_task(nothing());
}

static void measure(bool debug, long rounds) {
  asyncio::RunnerOptions options;
  options.debug(debug);
  {
    bench::Row row(debug ? "yield_debug" : "yield", rounds);
    asyncio::run(yields(rounds), options);
  }
  bench::Row row(debug ? "spawn_join_debug" : "spawn_join", rounds);
  asyncio::run(spawns(rounds), options);
}

int main(int argc, char** argv) {
  long rounds = bench::rounds(argc, argv, 2'000'000);
  for (int i = 0; i < 5; ++i) {
    measure(false, rounds);
    measure(true, rounds);
  }
}
