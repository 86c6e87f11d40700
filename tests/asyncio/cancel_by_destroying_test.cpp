// Tasks that are cancelled without an exception: those of a single wait, and those of TaskOptions.
#include <heddle/asyncio/task.h>

#include "asyncio/work.h"

namespace {

// Tells when it is destroyed.
class Local {
 public:
  Local(Log& log, std::string name) : log_(log), name_(std::move(name)) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;
  ~Local() { log_.push_back(name_); }

 private:
  Log& log_;
  std::string name_;
};

Coro<void> inner(Log& log, asyncio::Event& never) {
  Local local(log, "inner");
  try {
    co_await never.wait();
  } catch (const CancelledError&) {
    log.push_back("caught");
    throw;
  }
}

Coro<void> outer(Log& log, asyncio::Event& never) {
  Local local(log, "outer");
  co_await inner(log, never);
}

asyncio::TaskOptions by_destroying() { return asyncio::TaskOptions().cancel_by_destroying(true); }

Coro<void> limited(Log& log, asyncio::Event& never) {
  co_await asyncio::wait_for(inner(log, never), 10s);
}

Coro<void> in_a_block(Log& log, asyncio::Event& never) {
  co_await asyncio::with(asyncio::timeout(10s), [&]() -> Coro<void> {
    auto waiting = inner(log, never);
    co_await std::move(waiting);
  });
}

asyncio::AsyncGenerator<int> numbers(Log& log, asyncio::Event& never) {
  Local local(log, "generator");
  co_await inner(log, never);
  co_yield 1;
}

Coro<void> consume(asyncio::AsyncGenerator<int>& generator) { co_await generator.next(); }

Coro<void> take(Log& log, asyncio::Semaphore& semaphore, std::string name) {
  auto permit = co_await semaphore.hold();
  log.push_back(name);
}

}  // namespace

ASYNC_TEST_CASE(
    "cancel_by_destroying: destructors run from the innermost outwards, handlers do not") {
  Log log;
  asyncio::Event never;
  auto task = asyncio::create_task(outer(log, never), by_destroying());
  co_await asyncio::sleep(0s);
  CHECK(task.cancel("why"));
  CHECK(!task.done());
  CHECK(log.empty());
  co_await asyncio::sleep(0s);
  CHECK(task.cancelled());
  CHECK(log == Log{"inner", "outer"});
  std::string end = co_await ending(task);
  CHECK(end == "cancelled: why");
  never.set();  // nobody is left in the list
}

ASYNC_TEST_CASE("cancel_by_destroying: without it the handler is told") {
  Log log;
  asyncio::Event never;
  auto task = asyncio::create_task(outer(log, never));
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(log == Log{"caught", "inner", "outer"});
}

ASYNC_TEST_CASE("cancel_by_destroying: blocks of the library see the exception") {
  Log log;
  asyncio::Event never;
  auto a = asyncio::create_task(limited(log, never), by_destroying());
  auto b = asyncio::create_task(in_a_block(log, never), by_destroying());
  co_await asyncio::sleep(0s);
  a.cancel();
  b.cancel();
  co_await until_done(a);
  co_await until_done(b);
  CHECK(a.cancelled());
  CHECK(b.cancelled());
  CHECK(log == Log{"caught", "inner", "caught", "inner"});
}

ASYNC_TEST_CASE("cancel_by_destroying: a generator that others may use afterwards ends by itself") {
  Log log;
  asyncio::Event never;
  auto generator = numbers(log, never);
  auto task = asyncio::create_task(consume(generator), by_destroying());
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  CHECK(task.cancelled());
  CHECK(log == Log{"caught", "inner", "generator"});
  auto next = co_await generator.next();
  CHECK(!next);
}

ASYNC_TEST_CASE("cancel_by_destroying: a task that was woken first gives the permit on") {
  Log log;
  asyncio::Semaphore semaphore(0);
  auto a = asyncio::create_task(take(log, semaphore, "a"), by_destroying());
  auto b = asyncio::create_task(take(log, semaphore, "b"), by_destroying());
  co_await asyncio::sleep(0s);
  semaphore.release();
  a.cancel();
  co_await until_done(b);
  CHECK(a.cancelled());
  CHECK(log == Log{"b"});
}

ASYNC_TEST_CASE("cancel_by_destroying: a cancellation before the first step, and one of itself") {
  Log log;
  asyncio::Event never;
  auto a = asyncio::create_task(outer(log, never), by_destroying());
  a.cancel();
  auto cancels_itself = [&]() -> Coro<void> {
    Local local(log, "self");
    asyncio::current_task().cancel();
    co_await never.wait();
  };
  auto b = asyncio::create_task(cancels_itself(), by_destroying());
  co_await until_done(a);
  co_await until_done(b);
  CHECK(a.cancelled());
  CHECK(b.cancelled());
  CHECK(log == Log{"self"});
}

ASYNC_TEST_CASE("create_task: of a wait, it is cancelled with its message, and leaves its place") {
  asyncio::Event event;
  asyncio::Lock lock;
  auto a = asyncio::create_task(event.wait());
  auto b = asyncio::create_task(asyncio::sleep(1h));
  co_await lock.acquire();
  auto c = asyncio::create_task(lock.acquire());
  auto d = asyncio::create_task(lock.acquire());
  co_await asyncio::sleep(0s);
  a.cancel("enough");
  b.cancel();
  c.cancel();
  co_await asyncio::sleep(0s);
  CHECK(a.cancelled());
  CHECK(b.cancelled());
  CHECK(c.cancelled());
  lock.release();
  bool got = co_await d;
  CHECK(got);
  std::string message;
  try {
    co_await a;
  } catch (const CancelledError& error) {
    message = error.message();
  }
  CHECK(message == "enough");
}

static Coro<void> nothing() { co_return; }

namespace {

struct StartsATask {
  ~StartsATask() { asyncio::create_task(nothing()); }
};

}  // namespace

static Coro<void> starts_a_task_at_its_end() {
  StartsATask local;
  co_await asyncio::sleep(1h);
}
static Coro<void> awaits_it() { co_await starts_a_task_at_its_end(); }

// In debug mode a task notes which coroutines it was created in: none of those that go.
ASYNC_TEST_CASE("cancel_by_destroying: a destructor may create a task, also in debug mode") {
  auto loop = asyncio::get_running_loop();
  loop.set_debug(true);
  auto task = asyncio::create_task(awaits_it(), by_destroying());
  co_await asyncio::sleep(0s);
  task.cancel();
  co_await until_done(task);
  co_await asyncio::sleep(0s);
  loop.set_debug(false);
  CHECK(task.cancelled());
}
