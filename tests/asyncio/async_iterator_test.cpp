#include <heddle/asyncio/async_iterator.h>

#include "asyncio/work.h"

class Countdown {
 public:
  explicit Countdown(int n) : left_(n) {}
  Coro<int> anext() {
    if (left_ == 0) throw heddle::StopAsyncIteration();
    co_await asyncio::sleep(1ms);
    co_return left_--;
  }

 private:
  int left_;
};

ASYNC_TEST_CASE("next: the loop form for a class with anext()") {
  Countdown numbers(3);
  std::vector<int> seen;
  while (auto number = co_await asyncio::next(numbers)) seen.push_back(*number);
  CHECK(seen == std::vector{3, 2, 1});
  int fallback = co_await asyncio::anext(numbers, -1);
  CHECK(fallback == -1);
}

ASYNC_TEST_CASE("collect: an async list comprehension") {
  auto squares = co_await asyncio::collect(Countdown(3), [](int n) { return n * n; });
  CHECK(squares == std::vector{9, 4, 1});
  auto plain = co_await asyncio::collect(Countdown(2));
  CHECK(plain == std::vector{2, 1});
}

ASYNC_TEST_CASE("aclosing: closes the generator on every path") {
  Log log;
  auto make = [](Log& l) -> asyncio::AsyncGenerator<int> {
    std::exception_ptr closing;
    try {
      co_yield 1;
    } catch (...) {
      closing = std::current_exception();
    }
    co_await asyncio::sleep(1ms);
    l.push_back("closed");
    if (closing) std::rethrow_exception(closing);
  };
  auto numbers = make(log);
  auto body = [](asyncio::AsyncGenerator<int>& g) -> Coro<void> {
    co_await g.anext();
    throw heddle::ValueError("x");
  };
  std::string end = co_await ending(asyncio::with(asyncio::aclosing(numbers), body));
  CHECK(end == "ValueError('x')");
  CHECK(log == Log{"closed"});
  end = co_await ending(asyncio::with(asyncio::aclosing(make(log)), body));  // one of its own
  CHECK(end == "ValueError('x')");
  CHECK(log == Log{"closed", "closed"});
}
