// The queues under thousands of schedules: what holds in each of them.
#include "schedules/schedules.h"

#include <heddle/queue.h>
#include <heddle/threading.h>

using namespace std::chrono_literals;
namespace queue = heddle::queue;
using heddle::testing::expect;
using heddle::testing::expect_equal;
using heddle::testing::schedules;
using heddle::testing::ThreadWorld;
using heddle::testing::Together;

namespace {

// Two threads put, one takes with a limit, the body the rest. Nothing is lost and nothing comes
// twice.
template <class AnyQueue>
void conserves(AnyQueue& items) {
  std::atomic<int> sum{0};
  int expected = 0;
  {
    Together threads;
    for (int i = 0; i < 2; ++i) {
      expected += (10 + i) + (20 + i);
      threads.add([&, i] {
        items.put(10 + i);
        items.put(20 + i);
      });
    }
    std::atomic<int> late{0};
    threads.add([&] {
      try {
        sum.fetch_add(items.get(1ms));
      } catch (const queue::Empty&) {
        late = 1;
      }
    });
    for (int i = 0; i < 3; ++i) sum.fetch_add(items.get());
    threads.join();
    if (late.load() != 0) sum.fetch_add(items.get());
  }
  expect_equal(sum.load(), expected, "items");
  expect(items.empty(), "nothing is left");
}

}  // namespace

TEST_CASE("schedules: Queue: a bounded one loses nothing") {
  schedules("queue_bounded", 1500, [](ThreadWorld&) {
    queue::Queue<int> items(1);
    conserves(items);
  });
}

TEST_CASE("schedules: LifoQueue and PriorityQueue: lose nothing") {
  schedules("lifo_queue", 500, [](ThreadWorld&) {
    queue::LifoQueue<int> items;
    conserves(items);
  });
  schedules("priority_queue", 500, [](ThreadWorld&) {
    queue::PriorityQueue<int> items(2);
    conserves(items);
  });
}

TEST_CASE("schedules: SimpleQueue: loses nothing") {
  schedules("simple_queue", 1500, [](ThreadWorld&) {
    queue::SimpleQueue<int> items;
    conserves(items);
  });
}

TEST_CASE("schedules: Queue: what one thread puts comes in its order") {
  schedules("queue_order", 1000, [](ThreadWorld&) {
    queue::Queue<int> items(2);
    Together threads;
    for (int i = 0; i < 2; ++i) {
      threads.add([&, i] {
        for (int k = 0; k < 3; ++k) items.put(i * 10 + k);
      });
    }
    int last[2] = {-1, -1};
    for (int i = 0; i < 6; ++i) {
      int item = items.get();
      expect(item % 10 == last[item / 10] + 1, "in the order of one putter");
      last[item / 10] = item % 10;
    }
  });
}

TEST_CASE("schedules: Queue: join() ends when all is done, and no earlier") {
  schedules("queue_join", 1000, [](ThreadWorld&) {
    queue::Queue<int> items;
    std::atomic<int> done{0};
    Together threads;
    for (int i = 0; i < 3; ++i) items.put(i);
    for (int i = 0; i < 2; ++i) {
      threads.add([&] {
        try {
          while (true) {
            items.get_nowait();
            done.fetch_add(1);
            items.task_done();
          }
        } catch (const queue::Empty&) {
        }
      });
    }
    items.join();
    expect_equal(done.load(), 3);
  });
}

TEST_CASE("schedules: Queue: shutdown() reaches all who wait, at either end") {
  schedules("queue_shutdown", 1500, [](ThreadWorld& world) {
    queue::Queue<int> items(1);
    bool immediate = world.choose(2, "immediate") != 0;
    std::atomic<int> put{0};
    std::atomic<int> got{0};
    {
      Together threads;
      for (int i = 0; i < 2; ++i) {
        threads.add([&] {
          try {
            for (int k = 0; k < 2; ++k) {
              items.put(1);
              put.fetch_add(1);
            }
          } catch (const queue::ShutDown&) {
          }
        });
      }
      threads.add([&] {
        try {
          while (true) {
            items.get();
            got.fetch_add(1);
          }
        } catch (const queue::ShutDown&) {
        }
      });
      items.shutdown(immediate);
    }
    if (immediate) {
      expect(got.load() <= put.load(), "no item comes from nowhere");
    } else {
      expect_equal(got.load(), put.load(), "what was put is taken");
    }
  });
}
