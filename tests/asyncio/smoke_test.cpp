#include <heddle/asyncio.h>
#include <heddle/testing/async_test.h>
namespace asyncio = heddle::asyncio;
using namespace std::chrono_literals;
static asyncio::Coro<int> answer() { co_await asyncio::sleep(5s); co_return 42; }
ASYNC_TEST_CASE("smoke: a task gives its result") {
  auto task = asyncio::create_task(answer());
  int value = co_await task;
  CHECK(value == 42);
  int n = co_await asyncio::to_thread([](int x) { return x + 1; }, 5);
  CHECK(n == 6);
}
TEST_CASE("smoke: deadlock") {
  auto body = []() -> asyncio::Coro<void> { asyncio::Event e; co_await e.wait(); };
  try { heddle::testing::run_async(body); CHECK(false); } catch (const heddle::testing::DeadlockError& e) { MESSAGE(e.what()); }
}
