#include "asyncio/scenarios.h"

#include <algorithm>
#include <cstdlib>

#include "asyncio/work.h"

namespace scenarios {

using testing::World;
using Tasks = std::vector<asyncio::AnyTask>;

namespace {

bool scarce_now = false;

void expect(bool condition, const std::string& what) {
  if (!scarce_now) testing::expect(condition, what);
}
template <class A, class B>
void expect_equal(const A& actual, const B& expected, const char* what) {
  if (!scarce_now) testing::expect_equal(actual, expected, what);
}

// A little time, which the world chooses.
asyncio::detail::Sleep<void> pause(World& world) {
  return asyncio::sleep(world.choose(3, "scenario.pause") * 1ms);
}

Nesting nesting_now = Nesting::none;

Coro<void> in_timeout(Coro<void> work) {
  auto body = [&work]() -> Coro<void> { co_await work; };
  co_await asyncio::with(asyncio::timeout(1h), body);
}

Coro<void> in_group(Coro<void> work) {
  auto body = [&work](asyncio::TaskGroup& tg) -> Coro<void> {
    auto task = tg.create_task(std::move(work));
    co_await task;
  };
  std::exception_ptr failure;
  try {
    co_await asyncio::with(asyncio::TaskGroup(), body);
  } catch (...) {
    failure = std::current_exception();
  }
  if (auto errors = heddle::as_group(failure)) errors->raise_single();
  if (failure) std::rethrow_exception(failure);
}

Coro<void> in_gather(Coro<void> work) { co_await asyncio::gather(std::move(work)); }

void start_one(Tasks& tasks, Coro<void> work) {
  switch (nesting_now) {
    case Nesting::none:
      return tasks.push_back(asyncio::create_task(std::move(work)));
    case Nesting::timeout:
      return tasks.push_back(asyncio::create_task(in_timeout(std::move(work))));
    case Nesting::group:
      return tasks.push_back(asyncio::create_task(in_group(std::move(work))));
    case Nesting::gather:
      return tasks.push_back(asyncio::create_task(in_gather(std::move(work))));
    case Nesting::wait_for:
      return tasks.push_back(asyncio::create_task(asyncio::wait_for(std::move(work), 1h)));
    case Nesting::shield: {
      auto inner = asyncio::create_task(std::move(work));
      auto outer = [](asyncio::Task<void> task) -> Coro<void> { co_await asyncio::shield(task); };
      tasks.push_back(inner);
      return tasks.push_back(asyncio::create_task(outer(inner)));
    }
  }
}

template <class... C>
Tasks start(C&&... coroutines) {
  Tasks tasks;
  (start_one(tasks, std::forward<C>(coroutines)), ...);
  return tasks;
}

// Waits for the tasks, and fails for an exception that no cancellation explains.
Coro<void> settle(Tasks tasks) {
  if (!tasks.empty()) co_await asyncio::wait(tasks);
  for (auto& task : tasks) {
    if (!task.cancelled() && task.exception() && !scarce_now)
      std::rethrow_exception(task.exception());
  }
}

// What came in and what went out.
struct Account {
  std::vector<int> put, got;
  void expect_conserved(std::vector<int> left) {
    got.insert(got.end(), left.begin(), left.end());
    std::sort(put.begin(), put.end());
    std::sort(got.begin(), got.end());
    expect(put == got, "items were lost or came twice: " + std::to_string(put.size()) + " put, " +
                           std::to_string(got.size()) + " got or left");
  }
};

Coro<void> use_lock(World& world, asyncio::Lock& lock, int& inside) {
  for (int round = 0; round < 2; ++round) {
    auto held = co_await lock.hold();
    expect_equal(++inside, 1, "tasks inside the lock");
    struct Leave {
      int& inside;
      ~Leave() { --inside; }
    } leave{inside};
    co_await pause(world);
  }
}

Coro<void> lock(World& world) {
  asyncio::Lock lock;
  int inside = 0;
  co_await settle(start(use_lock(world, lock, inside), use_lock(world, lock, inside),
                        use_lock(world, lock, inside)));
  expect(!lock.locked(), "the lock is held by nobody");
  co_await lock.acquire();  // it works still
}

Coro<void> lock_with(World& world) {
  asyncio::Lock lock;
  int inside = 0;
  auto user = [&]() -> Coro<void> {
    auto body = [&]() -> Coro<void> {
      ++inside;
      expect_equal(inside, 1, "tasks inside the lock");
      std::exception_ptr failure;
      try {
        co_await pause(world);
      } catch (...) {
        failure = std::current_exception();
      }
      --inside;
      if (failure) std::rethrow_exception(failure);
    };
    co_await asyncio::with(lock, body);
  };
  co_await settle(start(user(), user(), user(), user()));
  expect(!lock.locked(), "the lock is held by nobody");
}

template <class Semaphore>
Coro<void> semaphore_of(World& world) {
  Semaphore semaphore(2);
  int inside = 0;
  auto user = [&]() -> Coro<void> {
    auto permit = co_await semaphore.hold();
    expect(++inside <= 2, "too many inside the semaphore");
    struct Leave {
      int& inside;
      ~Leave() { --inside; }
    } leave{inside};
    co_await pause(world);
  };
  co_await settle(start(user(), user(), user(), user(), user()));
  co_await semaphore.acquire();
  expect(!semaphore.locked(), "a permit was lost");
  co_await semaphore.acquire();
  expect(semaphore.locked(), "a permit too many");
}

Coro<void> event(World&) {
  asyncio::Event event;
  int passed = 0;
  auto waiter = [&]() -> Coro<void> {
    co_await event.wait();
    ++passed;
  };
  Tasks tasks = start(waiter(), waiter(), waiter());
  co_await asyncio::sleep(5ms);  // all of them wait
  event.set();
  event.clear();
  Tasks late = start(waiter());
  co_await settle(tasks);
  expect(passed <= 3, "a waiter passed that came after clear()");
  event.set();
  co_await settle(late);
}

Coro<void> condition(World& world) {
  asyncio::Condition changed;
  std::vector<int> items;
  Account account;
  auto consumer = [&]() -> Coro<void> {
    auto held = co_await changed.hold();
    auto some = [&] { return !items.empty(); };
    co_await changed.wait_for(some);
    expect(changed.locked(), "wait_for() ends with the lock held");
    account.got.push_back(items.back());
    items.pop_back();
  };
  auto producer = [&](int item) -> Coro<void> {
    co_await pause(world);
    auto held = co_await changed.hold();
    items.push_back(item);
    account.put.push_back(item);
    changed.notify();
    co_await pause(world);  // who was notified waits for the lock, and may be cancelled there
  };
  Tasks consumers = start(consumer(), consumer(), consumer());
  co_await settle(start(producer(1), producer(2)));
  co_await asyncio::sleep(10ms);  // consumers that can go on do
  bool stuck = false;
  for (auto& task : consumers) stuck |= !task.done();
  bool lost = stuck && !items.empty();
  for (auto& task : consumers) task.cancel();
  co_await settle(consumers);
  expect(!lost, "a notification was lost: an item lay there, and a task waited");
  account.expect_conserved(items);
  expect(!changed.locked(), "the lock is held by nobody");
}

Coro<void> barrier(World& world) {
  asyncio::Barrier barrier(2);
  auto party = [&]() -> Coro<void> {
    try {
      std::size_t place = co_await barrier.wait();
      expect(place < 2, "a place that is not there");
      co_await pause(world);
      co_await barrier.wait();
    } catch (const asyncio::BrokenBarrierError&) {
      // the world is over
    }
  };
  Tasks tasks = start(party(), party());
  co_await asyncio::wait(tasks, {.timeout = 50ms});
  co_await barrier.abort();
  co_await settle(tasks);
  expect_equal(barrier.n_waiting(), 0u, "tasks at the barrier");
  co_await barrier.reset();
  expect(!barrier.broken(), "reset() mends it");
}

Coro<void> get_one(asyncio::Queue<int>& queue) { co_await queue.get(); }

template <class Queue>
std::vector<int> drain(Queue& queue) {
  std::vector<int> left;
  while (!queue.empty()) left.push_back(queue.get_nowait());
  return left;
}

template <class Queue>
Coro<void> queue_of(World& world) {
  Queue queue(2);
  Account account;
  auto producer = [&](int first) -> Coro<void> {
    for (int item = first; item < first + 3; ++item) {
      co_await queue.put(item);
      account.put.push_back(item);
      co_await pause(world);
    }
  };
  auto consumer = [&]() -> Coro<void> {
    for (int i = 0; i < 3; ++i) {
      int item = co_await queue.get();
      account.got.push_back(item);
      co_await pause(world);
    }
  };
  Tasks producers = start(producer(10), producer(20));
  Tasks consumers = start(consumer(), consumer());
  co_await asyncio::sleep(50ms);
  auto waits = [](const Tasks& tasks) {
    return std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return !task.done(); });
  };
  bool item_missed = waits(consumers) && !queue.empty();
  bool place_missed = waits(producers) && !queue.full();
  queue.shutdown();
  for (Tasks* tasks : {&producers, &consumers}) {
    co_await asyncio::wait(*tasks);
    for (auto& task : *tasks) {
      if (!task.cancelled() && task.exception() && !scarce_now &&
          !heddle::detail::matches<asyncio::QueueShutDown>(task.exception()))
        std::rethrow_exception(task.exception());
    }
  }
  expect(!item_missed, "a getter waits beside an item");
  expect(!place_missed, "a putter waits beside a free place");
  account.expect_conserved(drain(queue));
}

// One item for two getters, one place for two putters: whoever can go on must.
Coro<void> queue_last(World& world) {
  asyncio::Queue<int> items;
  Tasks getters = start(get_one(items), get_one(items));
  asyncio::Queue<int> rooms(1);
  rooms.put_nowait(0);
  Tasks putters = start(rooms.put(1), rooms.put(2));
  co_await asyncio::sleep(5ms);  // all of them wait
  items.put_nowait(1);
  rooms.get_nowait();
  co_await pause(world);
  co_await asyncio::sleep(5ms);
  auto waits = [](const Tasks& tasks) {
    return std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return !task.done(); });
  };
  bool item_missed = !items.empty() && waits(getters);
  bool place_missed = !rooms.full() && waits(putters);
  for (Tasks* tasks : {&getters, &putters}) {
    for (auto& task : *tasks) task.cancel();
    co_await settle(*tasks);
  }
  expect(!item_missed, "a getter waits beside an item");
  expect(!place_missed, "a putter waits beside a free place");
}

Coro<void> queue_iteration(World& world) {
  asyncio::Queue<std::unique_ptr<int>> queue(1);
  int put = 0;
  int got = 0;
  auto producer = [&]() -> Coro<void> {
    for (int i = 0; i < 3; ++i) {
      co_await queue.put(std::make_unique<int>(i));
      ++put;
    }
  };
  auto consumer = [&]() -> Coro<void> {
    while (auto item = co_await queue.next()) {
      ++got;
      co_await pause(world);
    }
  };
  Tasks consumers = start(consumer(), consumer());
  Tasks producers = start(producer());
  co_await asyncio::wait(producers, {.timeout = 50ms});
  queue.shutdown();
  co_await asyncio::wait(producers);
  for (auto& task : producers) {
    if (!task.cancelled()) task.exception();  // QueueShutDown, if the consumers are gone
  }
  co_await settle(consumers);
  expect_equal(put, got + static_cast<int>(queue.qsize()), "items");
}

Coro<void> lines(World& world) {
  asyncio::StreamReader reader(8);
  std::string fed;
  std::string got;
  auto feeder = [&]() -> Coro<void> {
    for (const char* piece : {"one", "\ntw", "o\nthree\nfo", "ur"}) {
      reader.feed_data(piece);
      fed += piece;
      co_await pause(world);
    }
  };
  auto consumer = [&]() -> Coro<void> {
    try {
      while (true) got += co_await reader.readuntil();
    } catch (const asyncio::IncompleteReadError& end) {
      got += end.partial();
    }
  };
  Tasks consumers = start(consumer());
  co_await settle(start(feeder()));
  reader.feed_eof();
  co_await settle(consumers);
  got += co_await reader.read();
  expect_equal(got, fed, "bytes");
}

Coro<void> queue_join(World& world) {
  asyncio::Queue<int> queue;
  auto worker = [&]() -> Coro<void> {
    while (true) {
      co_await queue.get();
      struct Done {
        asyncio::Queue<int>& queue;
        ~Done() { queue.task_done(); }
      } done{queue};
      co_await pause(world);
    }
  };
  for (int i = 0; i < 4; ++i) queue.put_nowait(i);
  Tasks workers = start(worker(), worker());
  bool left = false;
  bool waits_for_nothing = false;
  try {
    co_await asyncio::wait_for(queue.join(), 100ms);
    left = !queue.empty();
  } catch (const heddle::TimeoutError&) {
    for (auto& task : workers) waits_for_nothing |= !task.done();
  }
  for (auto& task : workers) task.cancel();
  co_await settle(workers);
  expect(!left, "join() ends when all is done");
  expect(!waits_for_nothing, "join() waits although a worker works");
}

Coro<int> value(World& world, int result) {
  co_await pause(world);
  co_return result;
}

Coro<void> gather(World& world) {
  auto gathers = [&]() -> Coro<void> {
    auto [a, b, c] = co_await asyncio::gather(value(world, 1), value(world, 2), value(world, 3));
    expect(a == 1 && b == 2 && c == 3, "results in the order of the arguments");
  };
  co_await settle(start(gathers(), gathers()));
}

Coro<void> gather_exceptions(World& world) {
  auto gathers = [&]() -> Coro<void> {
    auto [a, b] = co_await asyncio::gather(asyncio::return_exceptions, value(world, 1), fail(1ms));
    expect(!b.has_value(), "a failure is an outcome");
    expect(a.has_value() || heddle::detail::matches<heddle::CancelledError>(a.exception()),
           "an outcome that nothing explains");
  };
  co_await settle(start(gathers(), gathers()));
}

Coro<void> wait_first(World& world) {
  auto waits = [&]() -> Coro<void> {
    std::vector<asyncio::Task<int>> pending;
    for (int i = 0; i < 3; ++i) pending.push_back(asyncio::create_task(value(world, i)));
    std::exception_ptr failure;
    try {
      while (!pending.empty()) {
        std::size_t before = pending.size();
        auto result = co_await asyncio::wait(pending, {.return_when = asyncio::FIRST_COMPLETED});
        expect(!result.done.empty(), "wait() returned with nothing done");
        expect_equal(result.done.size() + result.pending.size(), before, "futures");
        pending = result.pending;
      }
    } catch (...) {
      failure = std::current_exception();
    }
    for (auto& task : pending) task.cancel();
    if (failure) std::rethrow_exception(failure);
  };
  co_await settle(start(waits(), waits()));
}

Coro<void> as_completed(World& world) {
  auto arrives = [&]() -> Coro<void> {
    std::vector<Coro<int>> work;
    for (int i = 0; i < 3; ++i) work.push_back(value(world, i));
    auto arriving = asyncio::as_completed(std::move(work));
    int seen = 0;
    for (auto next : arriving) {
      try {
        co_await next;
      } catch (const heddle::CancelledError&) {
        if (asyncio::current_task().cancelling() > 0) throw;
      }
      ++seen;
    }
    expect_equal(seen, 3, "arrivals");
  };
  co_await settle(start(arrives(), arrives()));
}

Coro<void> wait_for(World& world) {
  asyncio::Lock lock;
  int inside = 0;
  auto limited = [&]() -> Coro<void> {
    try {
      co_await asyncio::wait_for(use_lock(world, lock, inside), 2ms);
    } catch (const heddle::TimeoutError&) {
      // goes on below
    }
    co_await asyncio::sleep(0s);
  };
  co_await settle(start(limited(), limited(), limited()));
  expect(!lock.locked() && inside == 0, "the lock is held by nobody");
}

Coro<void> timeouts(World& world) {
  auto nested = [&]() -> Coro<void> {
    auto inner = [&]() -> Coro<void> { co_await asyncio::sleep(5ms); };
    auto outer = [&]() -> Coro<void> {
      try {
        co_await asyncio::with(asyncio::timeout(1ms), inner);
        expect(false, "a timeout did not come");
      } catch (const heddle::TimeoutError&) {
        // goes on below
      }
      co_await pause(world);
    };
    try {
      co_await asyncio::with(asyncio::timeout(4ms), outer);
    } catch (const heddle::TimeoutError&) {
      // late timers
    }
    expect_equal(asyncio::current_task().cancelling(), 0u, "requests that were not taken back");
  };
  co_await settle(start(nested(), nested()));
}

Coro<void> group(World& world) {
  auto parent = [&]() -> Coro<void> {
    Tasks children;
    auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      for (int i = 0; i < 3; ++i) children.push_back(tg.create_task(value(world, i)));
      co_await pause(world);
    };
    std::exception_ptr failure;
    try {
      co_await asyncio::with(asyncio::TaskGroup(), body);
    } catch (...) {
      failure = std::current_exception();
    }
    for (auto& child : children) expect(child.done(), "a group left a task behind");
    if (failure) std::rethrow_exception(failure);
  };
  co_await settle(start(parent(), parent()));
}

Coro<void> failing_group(World& world) {
  auto parent = [&]() -> Coro<void> {
    auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(value(world, 1));
      tg.create_task(fail(1ms));
      tg.create_task(asyncio::sleep(1h));
      co_await asyncio::sleep(1h);
    };
    try {
      co_await asyncio::with(asyncio::TaskGroup(), body);
      expect(false, "a failure was lost");
    } catch (const heddle::ExceptionGroup& errors) {
      expect_equal(errors.exceptions().size(), 1u, "errors");
    }
    co_await asyncio::sleep(0s);
  };
  // A parent whose failing child was cancelled waits for an hour.
  Tasks parents = start(parent(), parent());
  co_await asyncio::wait(parents, {.timeout = 50ms});
  for (auto& task : parents) task.cancel();
  co_await settle(parents);
}

Coro<void> nested_groups(World& world) {
  auto parent = [&]() -> Coro<void> {
    auto inner = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(value(world, 1));
      tg.create_task(value(world, 2));
      co_return;
    };
    auto middle = [&]() -> Coro<void> { co_await asyncio::with(asyncio::TaskGroup(), inner); };
    auto outer = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(middle());
      tg.create_task(middle());
      co_await middle();
    };
    co_await asyncio::with(asyncio::TaskGroup(), outer);
  };
  co_await settle(start(parent()));
}

Coro<void> cancelled_group(World& world) {
  auto parent = [&]() -> Coro<void> {
    auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(asyncio::sleep(1h));
      co_await pause(world);
      tg.cancel();
      co_await asyncio::sleep(1h);
    };
    co_await asyncio::with(asyncio::TaskGroup(), body);
    expect_equal(asyncio::current_task().cancelling(), 0u, "requests that were not taken back");
    co_await asyncio::sleep(0s);
  };
  co_await settle(start(parent(), parent()));
}

Coro<void> shield(World& world) {
  bool finished = false;
  auto work = [&]() -> Coro<void> {
    co_await pause(world);
    finished = true;
  };
  asyncio::Task<void> inner = asyncio::create_task(work());
  world.spare(inner);
  auto outer = [&]() -> Coro<void> { co_await asyncio::shield(inner); };
  co_await settle(start(outer(), outer()));
  try {
    co_await inner;
  } catch (const std::bad_alloc&) {
    // memory was scarce
  }
  expect(finished, "the shield let a cancellation through");
}

Coro<void> scope(World&) {
  auto scoped = [&]() -> Coro<void> {
    asyncio::CancelScope scope = asyncio::move_on_after(2ms);
    int interrupted = 0;
    auto body = [&]() -> Coro<void> {
      for (int i = 0; i < 3; ++i) {
        try {
          co_await asyncio::sleep(1h);
        } catch (const heddle::CancelledError&) {
          ++interrupted;
          if (asyncio::current_task().cancelling() > 0) throw;
        }
      }
      co_await asyncio::sleep(1h);
    };
    co_await asyncio::with(scope, body);
    expect(scope.cancelled_caught() && interrupted == 3, "a cancelled scope interrupts every wait");
    co_await asyncio::sleep(0s);
  };
  co_await settle(start(scoped(), scoped()));
}

Coro<void> shielded_scope(World& world) {
  int cleaned = 0;
  auto scoped = [&]() -> Coro<void> {
    auto cleanup = [&]() -> Coro<void> {
      co_await asyncio::sleep(2ms);
      co_await asyncio::sleep(1ms);
      ++cleaned;
    };
    std::exception_ptr failure;
    int before = cleaned;
    try {
      co_await pause(world);
      co_await asyncio::sleep(3ms);
    } catch (...) {
      failure = std::current_exception();
    }
    co_await asyncio::with(asyncio::CancelScope({.shield = true}), cleanup);
    expect(cleaned > before, "the shield let a cancellation through");
    if (failure) std::rethrow_exception(failure);
  };
  co_await settle(start(scoped(), scoped()));
}

// The scope ends while the body waits, or while the group waits for its tasks.
Coro<void> group_in_scope(World& world) {
  auto scoped = [&](bool body_waits) -> Coro<void> {
    asyncio::CancelScope scope = asyncio::move_on_after(2ms);
    auto child = [&]() -> Coro<void> {
      try {
        co_await asyncio::sleep(1h);
      } catch (const heddle::CancelledError&) {
        // tries to go on
      }
      asyncio::CancelScope shielded({.shield = true});
      auto tidy_up = []() -> Coro<void> { co_await asyncio::sleep(1s); };
      co_await asyncio::with(shielded, tidy_up);
      co_await asyncio::sleep(1h);
    };
    auto group = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      tg.create_task(child());
      tg.create_task(value(world, 1));
      if (body_waits) co_await asyncio::sleep(1h);
    };
    auto body = [&]() -> Coro<void> { co_await asyncio::with(asyncio::TaskGroup(), group); };
    co_await asyncio::with(scope, body);
  };
  co_await settle(start(scoped(true), scoped(false)));
}

Coro<void> readiness(World& world) {
  auto service = [&world](asyncio::TaskStatus<int>& status, int port) -> Coro<void> {
    co_await pause(world);
    status.started(port);
    co_await asyncio::sleep(1h);
  };
  auto parent = [&]() -> Coro<void> {
    auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
      try {
        int port = co_await tg.start<int>(service, 80);
        expect_equal(port, 80, "port");
      } catch (const heddle::RuntimeError&) {
        // it was cancelled before it began
      }
      tg.cancel();
    };
    co_await asyncio::with(asyncio::TaskGroup(), body);
  };
  co_await settle(start(parent(), parent()));
}

// With one token nobody else comes by later who would wake a waiter that was forgotten.
template <std::size_t tokens>
Coro<void> limiter(World& world) {
  asyncio::CapacityLimiter limiter(tokens);
  auto user = [&](std::string name) -> Coro<void> {
    auto token = co_await limiter.hold(name);
    expect(limiter.borrowed_tokens() <= tokens, "too many tokens are out");
    co_await pause(world);
  };
  co_await settle(start(user("a"), user("b"), user("c"), user("d")));
  expect_equal(limiter.borrowed_tokens(), 0u, "tokens out");
  expect_equal(limiter.statistics().tasks_waiting, 0u, "tasks waiting");
}

Coro<void> channel(World& world) {
  asyncio::Channel<int> channel(2);
  Account account;
  auto producer = [&](int first) -> Coro<void> {
    for (int item = first; item < first + 3; ++item) {
      co_await channel.put(item);
      account.put.push_back(item);
      co_await pause(world);
    }
  };
  auto consumer = [&]() -> Coro<void> {
    while (auto item = co_await channel.next()) {
      account.got.push_back(*item);
      co_await pause(world);
    }
  };
  Tasks consumers = start(consumer(), consumer());
  Tasks producers = start(producer(10), producer(20));
  co_await asyncio::wait(producers, {.timeout = 50ms});
  channel.close();
  co_await asyncio::wait(producers);
  for (auto& task : producers) {
    if (!task.cancelled()) task.exception();  // QueueShutDown, if the consumers are gone
  }
  co_await settle(consumers);
  std::vector<int> left;
  while (channel.qsize() > 0) left.push_back(channel.get_nowait());
  account.expect_conserved(left);
}

asyncio::AsyncGenerator<int> counting(World& world, int& open) {
  ++open;
  struct Close {
    int& open;
    ~Close() { --open; }
  } close{open};
  for (int i = 0; i < 3; ++i) {
    co_await pause(world);
    co_yield i;
  }
}

Coro<void> generator(World& world) {
  int open = 0;
  auto consumer = [&]() -> Coro<void> {
    auto numbers = counting(world, open);
    auto body = [&](auto& g) -> Coro<void> {
      int expected = 0;
      while (auto number = co_await g.next()) expect_equal(*number, expected++, "number");
    };
    co_await asyncio::with(asyncio::aclosing(numbers), body);
  };
  co_await settle(start(consumer(), consumer()));
  expect_equal(open, 0, "open generators");
}

struct Resource {
  World& world;
  int& open;
  Coro<void> aenter() {
    ++open;
    co_return;
  }
  Coro<bool> aexit(std::exception_ptr) {
    --open;
    co_await pause(world);
    co_return false;
  }
};

Coro<void> exit_stack(World& world) {
  int open = 0;
  auto user = [&]() -> Coro<void> {
    auto body = [&](asyncio::AsyncExitStack& stack) -> Coro<void> {
      for (int i = 0; i < 3; ++i) {
        Resource resource{world, open};
        co_await stack.enter_async_context(resource);
        co_await pause(world);
      }
    };
    co_await asyncio::with(asyncio::AsyncExitStack(), body);
  };
  co_await settle(start(user(), user()));
  expect_equal(open, 0, "open resources");
}

Coro<void> threads(World&) {
  auto user = []() -> Coro<void> {
    int sum = co_await asyncio::to_thread(std::plus<int>(), 1, 2);
    expect_equal(sum, 3, "sum");
    auto square = [](std::stop_token, int n) { return n * n; };
    int nine = co_await asyncio::to_thread(asyncio::wait_on_cancel, square, sum);
    expect_equal(nine, 9, "square");
  };
  co_await settle(start(user(), user(), user()));
}

Coro<void> posts(World& world) {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  int arrived = 0;
  auto poster = [&]() -> Coro<void> {
    for (int i = 0; i < 2; ++i) {
      loop.call_soon_threadsafe([&arrived] { ++arrived; });
      co_await pause(world);
    }
  };
  co_await settle(start(poster(), poster()));
  co_await asyncio::sleep(10ms);
  expect(arrived <= 4, "a post came twice");
}

Coro<void> eager(World& world) {
  auto user = [&]() -> Coro<void> {
    asyncio::Task<int> task =
        asyncio::create_task(value(world, 4), asyncio::TaskOptions().eager_start(true));
    auto at_once = []() -> Coro<int> { co_return 5; };
    asyncio::Task<int> done =
        asyncio::create_task(at_once(), asyncio::TaskOptions().eager_start(true));
    expect(done.done() && done.result() == 5, "an eager task without a wait is done");
    expect_equal(co_await task, 4, "value");
  };
  co_await settle(start(user(), user()));
}

heddle::ContextVar<int> owner("owner", 0);

Coro<void> contexts(World& world) {
  auto user = [&](int id) -> Coro<void> {
    owner.set(id);
    for (int i = 0; i < 3; ++i) {
      co_await pause(world);
      expect_equal(owner.get(), id, "the variable of this task");
    }
  };
  co_await settle(start(user(1), user(2), user(3)));
  expect_equal(owner.get(), 0, "the variable of the main task");
}

Coro<void> chains(World& world) {
  asyncio::Task<int> first = asyncio::create_task(value(world, 7));
  auto follow = [](asyncio::Task<int> task) -> Coro<int> { co_return co_await task; };
  asyncio::Task<int> second = asyncio::create_task(follow(first));
  asyncio::Task<int> third = asyncio::create_task(follow(second));
  Tasks tasks{first, second, third};
  co_await settle(tasks);
  if (!third.cancelled() && !third.exception()) expect_equal(third.result(), 7, "value");
}

Coro<void> futures(World& world) {
  auto future = asyncio::create_future<int>();
  int called = 0;
  future.add_done_callback([&called](const asyncio::Future<int>&) { ++called; });
  auto waiter = [&]() -> Coro<void> {
    try {
      expect_equal(co_await future, 3, "value");
    } catch (const heddle::CancelledError&) {
      throw;
    }
  };
  Tasks tasks = start(waiter(), waiter());
  co_await pause(world);
  if (!future.done()) future.set_result(3);
  co_await settle(tasks);
  co_await asyncio::sleep(0s);
  expect_equal(called, 1, "calls of the done callback");
}

Coro<void> storm(World& world) {
  asyncio::Lock lock;
  asyncio::Event never;
  asyncio::Queue<int> queue(1);
  int inside = 0;
  Tasks tasks;
  for (int i = 0; i < 40; ++i) {
    switch (world.choose(5, "scenario.kind")) {
      case 0:
        tasks.push_back(asyncio::create_task(use_lock(world, lock, inside)));
        break;
      case 1:
        tasks.push_back(asyncio::create_task(never.wait()));
        break;
      case 2:
        tasks.push_back(asyncio::create_task(queue.get()));
        break;
      case 3:
        tasks.push_back(asyncio::create_task(queue.put(i)));
        break;
      default:
        tasks.push_back(asyncio::create_task(asyncio::sleep(5ms)));
    }
  }
  co_await asyncio::wait(tasks, {.timeout = 10ms});
  for (auto& task : tasks) task.cancel();
  co_await settle(tasks);
  expect(!lock.locked() && inside == 0, "the lock is held by nobody");
}

constexpr Scenario list[] = {
    {"lock", lock},
    {"lock_with", lock_with},
    {"semaphore", semaphore_of<asyncio::Semaphore>},
    {"bounded_semaphore", semaphore_of<asyncio::BoundedSemaphore>},
    {"event", event},
    {"condition", condition},
    {"barrier", barrier},
    {"queue", queue_of<asyncio::Queue<int>>},
    {"lifo_queue", queue_of<asyncio::LifoQueue<int>>},
    {"priority_queue", queue_of<asyncio::PriorityQueue<int>>},
    {"queue_last", queue_last},
    {"queue_iteration", queue_iteration},
    {"queue_join", queue_join},
    {"lines", lines},
    {"gather", gather},
    {"gather_exceptions", gather_exceptions},
    {"wait_first", wait_first},
    {"as_completed", as_completed},
    {"wait_for", wait_for},
    {"timeouts", timeouts},
    {"group", group},
    {"failing_group", failing_group},
    {"nested_groups", nested_groups},
    {"cancelled_group", cancelled_group},
    {"shield", shield},
    {"scope", scope},
    {"shielded_scope", shielded_scope},
    {"group_in_scope", group_in_scope},
    {"readiness", readiness},
    {"limiter", limiter<2>},
    {"limiter_one", limiter<1>},
    {"channel", channel},
    {"generator", generator},
    {"exit_stack", exit_stack},
    {"threads", threads},
    {"posts", posts},
    {"eager", eager},
    {"contexts", contexts},
    {"chains", chains},
    {"futures", futures},
    {"storm", storm},
};

}  // namespace

std::span<const Scenario> all() { return list; }
void set_nesting(Nesting nesting) { nesting_now = nesting; }
std::uint64_t scale() {
  const char* value = std::getenv("HEDDLE_WORLDS");
  return value != nullptr ? std::strtoull(value, nullptr, 10) : 1;
}
void set_scarce(bool scarce) { scarce_now = scarce; }

}  // namespace scenarios
