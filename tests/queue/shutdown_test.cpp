// The transitions of shutdown(), for every kind of queue.
#include <atomic>

#include "queue/work.h"

#define EVERY_KIND queue::Queue<int>, queue::LifoQueue<int>, queue::PriorityQueue<int>

TEST_CASE_TEMPLATE("shutdown: puts are refused at once, gets when it is empty", Q, EVERY_KIND) {
  Q q(3);
  q.put(1);
  q.put(2);
  CHECK_FALSE(q.is_shutdown());
  q.shutdown();
  CHECK(q.is_shutdown());
  CHECK(outcome([&] { q.put(3); }) == "ShutDown");
  CHECK(outcome([&] { q.put_nowait(3); }) == "ShutDown");
  CHECK(outcome([&] { q.put(3, -1s); }) == "ShutDown");  // asked first
  CHECK(q.get() + q.get_nowait() == 3);
  CHECK(outcome([&] { q.get(); }) == "ShutDown");
  CHECK(outcome([&] { q.get_nowait(); }) == "ShutDown");
  CHECK(outcome([&] { q.get(-1s); }) == "ShutDown");
  CHECK(q.unfinished_tasks() == 2);
}

TEST_CASE_TEMPLATE("shutdown: ends the waits of putters and getters", Q, EVERY_KIND) {
  for (bool immediate : {false, true}) {
    Q full(1), empty;
    full.put(1);
    std::vector<std::string> outcomes(4);
    {
      Worker a([&] { outcomes[0] = outcome([&] { full.put(2); }); });
      Worker b([&] { outcomes[1] = outcome([&] { full.put(2, 1h); }); });
      Worker c([&] { outcomes[2] = outcome([&] { empty.get(); }); });
      Worker d([&] { outcomes[3] = outcome([&] { empty.get(1h); }); });
      for (Worker* worker : {&a, &b, &c, &d}) worker->until_asleep();
      full.shutdown(immediate);
      empty.shutdown(immediate);
    }
    for (const std::string& result : outcomes) CHECK(result == "ShutDown");
    CHECK(full.qsize() == (immediate ? 0 : 1));
  }
}

TEST_CASE_TEMPLATE("shutdown: immediate drops the items and counts them done", Q, EVERY_KIND) {
  Q q;
  for (int i = 0; i < 600; ++i) q.put(i);
  Worker joiner([&] { q.join(); });
  joiner.until_asleep();
  q.shutdown(true);
  joiner.join();
  CHECK(q.empty());
  CHECK(q.unfinished_tasks() == 0);
  CHECK(outcome([&] { q.get(); }) == "ShutDown");
  CHECK(outcome([&] { q.task_done(); }).starts_with("ValueError"));
}

TEST_CASE_TEMPLATE("shutdown: immediate still waits for the items that were taken", Q, EVERY_KIND) {
  Q q;
  q.put(1);
  q.put(2);
  q.get();
  q.shutdown(true);
  CHECK(q.unfinished_tasks() == 1);
  CHECK_FALSE(q.join(1ms));
  Worker joiner([&] { q.join(); });
  joiner.until_asleep();
  CHECK(joiner.is_alive());
  q.task_done();
  joiner.join();
}

TEST_CASE_TEMPLATE("shutdown: task_done() before the drop is not counted twice", Q, EVERY_KIND) {
  Q q;
  q.put(1);
  q.put(2);
  q.task_done();  // for an item that is still inside: Python allows it
  q.shutdown(true);
  CHECK(q.unfinished_tasks() == 0);
  q.join();
}

TEST_CASE_TEMPLATE("shutdown: may be called again, and made immediate later", Q, EVERY_KIND) {
  Q q;
  q.put(1);
  q.put(2);
  q.shutdown();
  q.shutdown();
  CHECK(q.get() > 0);
  q.shutdown(true);
  CHECK(outcome([&] { q.get(); }) == "ShutDown");
  q.shutdown();
  CHECK(q.is_shutdown());
  CHECK(q.unfinished_tasks() == 1);
}

TEST_CASE("shutdown: dropped items die outside the queue, which they may ask") {
  struct Asking {
    queue::Queue<std::shared_ptr<Asking>>& q;
    std::size_t seen = 99;
    std::size_t& report;
    ~Asking() {
      report = q.qsize();
      CHECK(outcome([this] { q.get_nowait(); }) == "ShutDown");
    }
  };
  std::size_t size = 99;
  queue::Queue<std::shared_ptr<Asking>> q;
  q.put(std::shared_ptr<Asking>(new Asking{q, 0, size}));
  q.shutdown(true);
  CHECK(size == 0);
}
