#include <heddle/queue/simple_queue.h>
#include <signal.h>

#include <atomic>
#include <cerrno>

#include "queue/work.h"

TEST_CASE("SimpleQueue: the first in is the first out") {
  queue::SimpleQueue<int> q;
  CHECK(q.empty());
  for (int item : {3, 1}) q.put(item);
  q.put_nowait(2);
  CHECK(q.qsize() == 3);
  CHECK(q.get() == 3);
  q.put(4);
  CHECK(q.get_nowait() == 1);
  CHECK(q.get(1h) == 2);
  CHECK(q.get() == 4);
  CHECK(q.empty());
}

TEST_CASE("SimpleQueue: without an item get() is Empty when it may not wait") {
  queue::SimpleQueue<int> q;
  CHECK(outcome([&] { q.get_nowait(); }) == "Empty");
  CHECK(outcome([&] { q.get(false); }) == "Empty");
  CHECK(outcome([&] { q.get(false, -1s); }) == "Empty");
  CHECK(outcome([&] { q.get(1ms); }) == "Empty");
  CHECK(outcome([&] { q.get(0s); }) == "Empty");
  CHECK(outcome([&] { q.get(-1s); }) == "ValueError: 'timeout' must be a non-negative number");
}

TEST_CASE("SimpleQueue: get() waits for an item, or for a stop request") {
  queue::SimpleQueue<int> q;
  std::stop_source source;
  std::atomic<int> sum = 0;
  std::string stopped;
  Worker a([&] { sum += q.get(); });
  Worker b([&] { sum += q.get(source.get_token()); });
  a.until_asleep();
  b.until_asleep();
  q.put(1);
  q.put(2);
  a.join();
  b.join();
  CHECK(sum == 3);
  Worker c([&] { stopped = outcome([&] { q.get(source.get_token()); }); });
  c.until_asleep();
  source.request_stop();
  c.join();
  CHECK(stopped == "CancelledError");
}

TEST_CASE(
    "SimpleQueue: items may put from their destructor, copy and move, inside get() and put()") {
  struct Chatty {
    queue::SimpleQueue<std::shared_ptr<Chatty>>* q;
    int depth;
    ~Chatty() {
      if (depth > 0) q->put(std::shared_ptr<Chatty>(new Chatty{q, depth - 1}));
    }
  };
  queue::SimpleQueue<std::shared_ptr<Chatty>> q;
  q.put(std::shared_ptr<Chatty>(new Chatty{&q, 3}));
  for (int i = 0; i < 4; ++i) {
    CHECK(q.qsize() == 1);
    q.get();
  }
  CHECK(q.empty());

  struct Echo {
    queue::SimpleQueue<Echo>* q;
    bool echoes;
    Echo(queue::SimpleQueue<Echo>* queue_, bool echoes_) : q(queue_), echoes(echoes_) {}
    Echo(Echo&& other) : q(other.q), echoes(std::exchange(other.echoes, false)) {
      if (echoes) q->put(Echo(q, false));
    }
  };
  queue::SimpleQueue<Echo> echo;
  echo.put(Echo(&echo, true));  // moved into the queue: puts another one first
  CHECK(echo.qsize() == 2);
  CHECK_FALSE(echo.get().echoes);
  CHECK(echo.get().echoes);  // moved out: puts another one
  CHECK(echo.qsize() == 1);
}

namespace {

using Numbers = queue::SimpleQueue<int>;
constexpr int signals = 300;
Numbers* of_handler;
std::vector<Numbers::Place>* places;
std::atomic<int> handled, errno_changed;

void put_from_handler(int) {
  int next = handled.load();
  if (next == signals) return;
  int of_the_interrupted = std::exchange(errno, 77);
  of_handler->put((*places)[static_cast<std::size_t>(next)], next);
  if (std::exchange(errno, of_the_interrupted) != 77) ++errno_changed;
  handled.store(next + 1);
}

}  // namespace

TEST_CASE("SimpleQueue: a signal handler puts into reserved places, also inside a call") {
  Numbers q;
  std::vector<Numbers::Place> reserved;
  for (int i = 0; i < signals; ++i) reserved.push_back(q.reserve());
  of_handler = &q;
  places = &reserved;
  handled = errno_changed = 0;
  struct sigaction action{}, former{};
  action.sa_handler = put_from_handler;
  ::sigaction(SIGUSR2, &action, &former);
  std::atomic<pthread_t> target{};
  bool in_order = true;
  {
    // Interrupted wherever it is: in put(), in get(), asleep.
    Worker worker([&] {
      target = pthread_self();
      int taken = 0;
      for (int item = 0; item != -2;) {
        if (taken % 2 == 0) q.put(-1);
        item = q.get();
        if (item >= 0) in_order = in_order && item == taken++;
      }
      in_order = in_order && taken == signals;
    });
    while (target == pthread_t()) std::this_thread::yield();
    while (handled < signals) {
      pthread_kill(target, SIGUSR2);
      std::this_thread::yield();
    }
    q.put(-2);
  }
  ::sigaction(SIGUSR2, &former, nullptr);
  CHECK(in_order);
  CHECK(errno_changed == 0);
}

TEST_CASE("SimpleQueue: items that only move, and what is inside dies with the queue") {
  auto witness = std::make_shared<int>(1);
  {
    queue::SimpleQueue<Parcel> parcels;
    parcels.put(parcel(4));
    CHECK(*parcels.get() == 4);
    queue::SimpleQueue<std::shared_ptr<int>> q;
    for (int i = 0; i < 10; ++i) q.put(witness);
    q.get();
    CHECK(witness.use_count() == 10);
    auto unused = q.reserve();
    CHECK(unused);
  }
  CHECK(witness.use_count() == 1);
}
