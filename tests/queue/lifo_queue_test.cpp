#include <heddle/queue/lifo_queue.h>

#include "queue/work.h"

TEST_CASE("LifoQueue: the last in is the first out") {
  queue::LifoQueue<int> q;
  for (int item : {3, 1, 2}) q.put(item);
  CHECK(q.get() == 2);
  q.put(7);
  CHECK(q.get() == 7);
  CHECK(q.get() == 1);
  CHECK(q.get() == 3);
}

TEST_CASE("LifoQueue: sleepers at both ends are told apart, though the ends are one") {
  queue::LifoQueue<int> q(1);
  for (int round = 0; round < 5; ++round) {
    int sum = 0;
    Worker getter([&] { sum = q.get() + q.get() + q.get(); });
    getter.until_asleep();
    q.put(1);
    q.put(2);
    q.put(3);
    getter.join();
    CHECK(sum == 6);
    q.put(1);
    Worker putter([&] {
      q.put(2);
      q.put(3);
    });
    putter.until_asleep();
    CHECK(q.get() + q.get() + q.get() == 6);
  }
}
