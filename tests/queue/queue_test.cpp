#include <heddle/queue/queue.h>

#include <atomic>
#include <numeric>

#include "queue/work.h"

#define EVERY_KIND queue::Queue<int>, queue::LifoQueue<int>, queue::PriorityQueue<int>

TEST_CASE("Queue: the first in is the first out") {
  queue::Queue<int> q;
  for (int item : {3, 1, 2}) q.put(item);
  CHECK(q.qsize() == 3);
  CHECK(q.get() == 3);
  CHECK(q.get() == 1);
  CHECK(q.get() == 2);
  CHECK(q.empty());
}

TEST_CASE("Queue: the order holds over many thousand items, put and taken in turns") {
  queue::Queue<std::string> q;
  int put = 0, taken = 0;
  for (int round = 1; round <= 60; ++round) {
    for (int i = 0; i < round * 7; ++i) q.put(std::to_string(put++));
    for (int i = 0; i < round * 5; ++i) CHECK(q.get() == std::to_string(taken++));
  }
  CHECK(q.qsize() == static_cast<std::size_t>(put - taken));
}

TEST_CASE_TEMPLATE("Queue: maxsize bounds it, zero and less do not", Q, EVERY_KIND) {
  Q q(2);
  CHECK(q.maxsize() == 2);
  CHECK_FALSE(q.full());
  q.put(1);
  q.put(2);
  CHECK(q.full());
  CHECK(outcome([&] { q.put_nowait(3); }) == "Full");
  CHECK(outcome([&] { q.put(3, false); }) == "Full");
  CHECK(outcome([&] { q.put(3, 1ms); }) == "Full");
  CHECK(outcome([&] { q.put(3, true, 0s); }) == "Full");
  CHECK(q.qsize() == 2);
  for (std::ptrdiff_t maxsize : {0, -1}) {
    Q unbounded(maxsize);
    for (int i = 0; i < 5000; ++i) unbounded.put_nowait(i);
    CHECK_FALSE(unbounded.full());
    CHECK(unbounded.qsize() == 5000);
  }
}

TEST_CASE_TEMPLATE("Queue: without an item get() is Empty when it may not wait", Q, EVERY_KIND) {
  Q q;
  CHECK(outcome([&] { q.get_nowait(); }) == "Empty");
  CHECK(outcome([&] { q.get(false); }) == "Empty");
  CHECK(outcome([&] { q.get(1ms); }) == "Empty");
  CHECK(outcome([&] { q.get(true, 0s); }) == "Empty");
}

TEST_CASE_TEMPLATE("Queue: a negative timeout is a ValueError where a timeout counts", Q,
                   EVERY_KIND) {
  const std::string error = "ValueError: 'timeout' must be a non-negative number";
  Q bounded(1), unbounded;
  CHECK(outcome([&] { bounded.put(1, -1s); }) == error);
  CHECK(outcome([&] { bounded.get(-1s); }) == error);
  CHECK(outcome([&] { unbounded.get(true, -1s); }) == error);
  CHECK(outcome([&] { unbounded.put(1, -1s); }) == "ok");
  CHECK(outcome([&] { unbounded.get(-1s); }) == error);
  CHECK(outcome([&] { bounded.get(false, -1s); }) == "Empty");
  bounded.put(1, false, -1s);
  CHECK(outcome([&] { bounded.put(1, false, -1s); }) == "Full");
}

TEST_CASE_TEMPLATE("Queue: get() waits for an item, with and without a timeout", Q, EVERY_KIND) {
  Q q;
  std::atomic<int> sum = 0;
  Worker a([&] { sum += q.get(); });
  Worker b([&] { sum += q.get(1h); });
  a.until_asleep();
  b.until_asleep();
  q.put(1);
  q.put(2);
  a.join();
  b.join();
  CHECK(sum == 3);
}

TEST_CASE_TEMPLATE("Queue: put() waits for room, with and without a timeout", Q, EVERY_KIND) {
  Q q(1);
  q.put(1);
  Worker a([&] { q.put(2); });
  Worker b([&] { q.put(3, 1h); });
  a.until_asleep();
  b.until_asleep();
  CHECK(q.get() + q.get() + q.get() == 6);
  a.join();
  b.join();
  CHECK(q.empty());
}

TEST_CASE("Queue: a wait that timed out takes nobody's wake-up") {
  queue::Queue<int> q;
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> got = 0;
    Worker patient([&] { got += q.get(); });
    Worker hasty([&] {
      try {
        q.put(q.get(std::chrono::microseconds(round * 4)));  // or it has it, and gives it back
      } catch (const queue::Empty&) {
      }
    });
    q.put(1);
    patient.join();
    CHECK(got == 1);
  }
}

TEST_CASE_TEMPLATE("Queue: a stop request ends every wait", Q, EVERY_KIND) {
  Q full(1), empty;
  full.put(1);
  std::stop_source source;
  std::vector<std::string> outcomes(5);
  {
    Worker a([&] { outcomes[0] = outcome([&] { full.put(2, source.get_token()); }); });
    Worker b([&] { outcomes[1] = outcome([&] { empty.get(source.get_token()); }); });
    Worker c([&] { outcomes[2] = outcome([&] { empty.next(source.get_token()); }); });
    Worker d([&] { outcomes[3] = outcome([&] { full.join(source.get_token()); }); });
    Worker e([&] { outcomes[4] = outcome([&] { empty.get(source.get_token(), 1h); }); });
    for (Worker* worker : {&a, &b, &c, &d, &e}) worker->until_asleep();
    source.request_stop();
  }
  for (const std::string& result : outcomes) CHECK(result == "CancelledError");
  CHECK(full.qsize() == 1);
  // Stopped before: only a call that has to wait is told.
  CHECK(full.get(source.get_token()) == 1);
  CHECK(outcome([&] { full.get(source.get_token()); }) == "CancelledError");
}

TEST_CASE("Queue: join() waits for a task_done() for each put, not for emptiness") {
  queue::Queue<int> q;
  q.join();
  for (int i = 0; i < 100; ++i) q.put(i);
  std::atomic<int> done = 0;
  Worker joiner([&] {
    q.join();
    CHECK(done == 100);
  });
  CHECK_FALSE(q.join(0s));
  CHECK_FALSE(q.join(1ms));
  std::deque<Worker> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (q.get() >= 0) {
        ++done;
        q.task_done();
      }
      q.task_done();
    });
  }
  joiner.join();
  CHECK(q.unfinished_tasks() == 0);
  for (int i = 0; i < 3; ++i) q.put(-1);
  workers.clear();
  CHECK(q.join(1h));
  CHECK(
      outcome([&] { q.task_done(); }).starts_with("ValueError: task_done() called too many times"));
}

TEST_CASE_TEMPLATE("Queue: a loop over it takes items until it is shut down", Q, EVERY_KIND) {
  Q q;
  std::atomic<int> sum = 0;
  auto drain = [&] {
    for (int item : q) sum += item;
  };
  {
    Worker a(drain), b(drain);
    for (int i = 1; i <= 1000; ++i) q.put(i);
    q.shutdown();
  }
  CHECK(sum == 500500);
  CHECK(q.next() == std::nullopt);
  for (int item : q) FAIL("an item after the end: " << item);
}

TEST_CASE("Queue: items that only move go in and out, also in a loop") {
  queue::Queue<Parcel> fifo(3);
  queue::LifoQueue<Parcel> lifo;
  fifo.put(parcel(1));
  Parcel second = parcel(2);
  fifo.put(std::move(second));
  CHECK(second == nullptr);
  CHECK(*fifo.get() == 1);
  lifo.put(fifo.get());
  CHECK(**lifo.next() == 2);
  lifo.put(parcel(5));
  lifo.shutdown();
  for (Parcel item : lifo) CHECK(*item == 5);
}

TEST_CASE("Queue: a refused item is still its owner's") {
  queue::Queue<Parcel> q(1);
  q.put(parcel(1));
  Parcel mine = parcel(2);
  CHECK(outcome([&] { q.put_nowait(std::move(mine)); }) == "Full");
  CHECK(outcome([&] { q.put(std::move(mine), 1ms); }) == "Full");
  q.shutdown();
  CHECK(outcome([&] { q.put(std::move(mine)); }) == "ShutDown");
  REQUIRE(mine != nullptr);
  CHECK(*mine == 2);
}

TEST_CASE("Queue: what is inside dies with the queue, each item once") {
  auto witness = std::make_shared<int>(1);
  for (int inside : {0, 1, 8, 2000}) {
    queue::Queue<std::shared_ptr<int>> fifo;
    queue::LifoQueue<std::shared_ptr<int>> lifo;
    for (int i = 0; i < inside + 5; ++i) fifo.put(witness), lifo.put(witness);
    for (int i = 0; i < 5; ++i) fifo.get(), lifo.get();
    CHECK(witness.use_count() == 1 + 2 * inside);
  }
  CHECK(witness.use_count() == 1);
}

TEST_CASE("Queue: large and over-aligned items") {
  struct alignas(128) Big {
    int number;
    char bytes[5000];
  };
  queue::Queue<Big> q;
  for (int i = 0; i < 30; ++i) q.put(Big{i, {}});
  for (int i = 0; i < 30; ++i) {
    Big big = q.get();
    CHECK(big.number == i);
    CHECK(reinterpret_cast<std::uintptr_t>(&big) % 128 == 0);
  }
}

TEST_CASE("Queue: values convert on their way in") {
  queue::Queue<std::string> q;
  q.put("text");
  const std::string named = "named";
  q.put(named);
  q.put({"list"});
  for (const char* expected : {"text", "named", "list"}) CHECK(q.get() == expected);
}
