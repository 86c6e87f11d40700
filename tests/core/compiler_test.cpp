// T56: patterns that compilers get wrong in coroutines (g++ 12: GCC bugs 99576, 100611, 101976,
// 106188), in the spelling that is right everywhere; what the library refuses at compile time is in
// tests/must_not_compile/.
#include <heddle/core/compiler.h>

#include "asyncio/work.h"

struct Options {
  std::string name;
  std::vector<int> numbers;
};

static Coro<std::size_t> use(Options options) {
  co_await asyncio::sleep(0s);
  co_return options.name.size() + options.numbers.size();
}

static Coro<bool> truth() { co_return true; }

ASYNC_TEST_CASE("T56: aggregates with destructors are named before the await (G3, G4)") {
  Options options{.name = std::string(100, 'x'), .numbers = {1, 2, 3}};
  std::size_t size = co_await use(options);
  CHECK(size == 103);
  size = co_await use(std::move(options));
  CHECK(size == 103);
}

// Nothing is declared before the await in a condition, which g++ 12 would never finish; the
// declaration inside makes it right.
static Coro<int> awaits_in_condition() {
  if (bool yes = co_await truth(); yes) co_return 1;
  co_return 2;
}

static Coro<int> awaits_in_loop() {
  int rounds = 0;
  while (bool more = co_await truth()) {
    if (!more || ++rounds == 3) break;
  }
  co_return rounds;
}

ASYNC_TEST_CASE("T56: awaits in conditions declare a variable (G1)") {
  int one = co_await awaits_in_condition();
  int three = co_await awaits_in_loop();
  CHECK(one == 1);
  CHECK(three == 3);
}

ASYNC_TEST_CASE("T56: lambdas with captures are named before they are handed over (G2)") {
  std::string text(100, 'x');
  auto size = [text] { return text.size(); };
  std::size_t result = co_await asyncio::to_thread(size);
  CHECK(result == 100);
  auto task = asyncio::create_task([text]() -> Coro<std::size_t> { co_return text.size(); });
  result = co_await task;
  CHECK(result == 100);
  result = co_await asyncio::to_thread([](const std::string& s) { return s.size(); }, text);
  CHECK(result == 100);
}

ASYNC_TEST_CASE(
    "T56: results of two branches are taken by if and else (G5), lists are named (G6)") {
  std::string chosen;
  bool yes = co_await truth();
  if (yes) {
    chosen = co_await asyncio::sleep(0s, std::string(100, 'a'));
  } else {
    chosen = "b";
  }
  CHECK(chosen.size() == 100);
  std::vector<Coro<bool>> list;
  list.push_back(truth());
  list.push_back(truth());
  auto results = co_await asyncio::gather(std::move(list));
  CHECK(results.size() == 2);
}

ASYNC_TEST_CASE("T56: safe_in_await knows what this compiler destroys twice") {
  auto captures = [text = std::string("x")] { return text.size(); };
  static_assert(heddle::safe_in_await<decltype(captures)&>);
  static_assert(heddle::safe_in_await<int>);
  static_assert(heddle::safe_in_await<std::string>);
  static_assert(heddle::safe_in_await<decltype(captures)> ==
                !heddle::await_destroys_temporaries_twice);
  static_assert(heddle::safe_in_await<Options> == !heddle::await_destroys_temporaries_twice);
  CHECK(captures() == 1);
  co_return;
}
