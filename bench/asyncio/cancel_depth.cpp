// What a coroutine costs that a cancellation passes: tasks that wait below 1 to 64 of them are
// cancelled, with a CancelledError that is thrown through each, and by destroying them.
#include <heddle/asyncio.h>

#include <string>
#include <vector>

#include "../measure.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;

static Coro<void> wait_below(asyncio::Event& never, int frames) {
  if (frames > 1) {
    co_await wait_below(never, frames - 1);
  } else {
    co_await never.wait();
  }
}

static Coro<void> cancel(const char* how, bool by_destroying, int frames, long count) {
  constexpr long at_once = 1000;
  asyncio::Event never;
  std::string name = std::string(how) + "_" + std::to_string(frames);
  bench::Row row(name.c_str(), count / at_once * at_once);
  for (long done = 0; done + at_once <= count; done += at_once) {
    std::vector<asyncio::Task<void>> tasks;
    for (long i = 0; i < at_once; ++i) {
      tasks.push_back(asyncio::create_task(
          wait_below(never, frames), asyncio::TaskOptions().cancel_by_destroying(by_destroying)));
    }
    co_await asyncio::sleep(std::chrono::seconds(0));
    for (auto& task : tasks) task.cancel();
    co_await asyncio::wait(tasks);
  }
}

int main(int argc, char** argv) {
  long count = bench::rounds(argc, argv, 100'000);
  for (int frames : {1, 2, 4, 8, 16, 32, 64}) {
    asyncio::run(cancel("thrown", false, frames, count));
    asyncio::run(cancel("destroyed", true, frames, count));
  }
}
