// Loops and threads under thousands of schedules: what holds in each of them.
#include "schedules/schedules.h"

#include <heddle/asyncio.h>
#include <heddle/threading.h>

using namespace std::chrono_literals;
namespace asyncio = heddle::asyncio;
namespace threading = heddle::threading;
using asyncio::Coro;
using heddle::testing::expect;
using heddle::testing::expect_equal;
using heddle::testing::schedules;
using heddle::testing::ThreadWorld;
using heddle::testing::Together;

TEST_CASE(
    "schedules: teardown: a loop that closes while others post: each post runs, goes or is "
    "refused") {
  schedules("teardown_loop", 2000, [](ThreadWorld&) {
    struct Counted {
      explicit Counted(std::atomic<int>& count) : count_(&count) { count.fetch_add(1); }
      Counted(const Counted& other) : count_(other.count_) { count_->fetch_add(1); }
      ~Counted() { count_->fetch_sub(1); }
      std::atomic<int>* count_;
    };
    std::atomic<int> alive{0};
    std::atomic<int> ran{0};
    std::atomic<int> refused{0};
    {
      asyncio::EventLoop loop;
      Together threads;
      for (int i = 0; i < 2; ++i) {
        threads.add([&, loop]() mutable {
          for (int k = 0; k < 2; ++k) {
            try {
              loop.call_soon_threadsafe([&ran, counted = Counted(alive), loop]() mutable {
                if (ran.fetch_add(1) == 0) loop.stop();
              });
            } catch (const heddle::RuntimeError&) {
              refused.fetch_add(1);
            }
          }
        });
      }
      loop.run_forever();
      loop.close();
    }
    expect(ran.load() >= 1 && ran.load() + refused.load() <= 4, "the loop was stopped by a post");
    expect_equal(alive.load(), 0, "callbacks left");
  });
}

TEST_CASE("schedules: a future that a coroutine awaits is completed by a thread, at any moment") {
  schedules("await_thread", 1000, [](ThreadWorld&) {
    static auto main = [](heddle::futures::Future<int> outside) -> Coro<int> {
      co_return co_await outside;
    };
    heddle::futures::Future<int> outside;
    Together threads;
    threads.add([&] {
      outside.set_running_or_notify_cancel();
      outside.set_result(42);
    });
    expect_equal(asyncio::run(main(outside)), 42);
  });
}

TEST_CASE("schedules: to_thread: the result comes, and the loop's end waits for its pool") {
  schedules("to_thread", 500,
            [](ThreadWorld&) {
              static auto main = []() -> Coro<int> {
                int sum = 0;
                for (int i = 0; i < 2; ++i) sum += co_await asyncio::to_thread([i] { return i; });
                co_return sum;
              };
              expect_equal(asyncio::run(main()), 1);
            },
            {.early_timeouts = false});  // or the loop warns that its pool takes long to end
}

TEST_CASE(
    "schedules: Channel: between threads and a loop nothing is lost, whoever waits or gives up") {
  schedules("channel", 1500, [](ThreadWorld&) {
    static auto main = [](asyncio::Channel<int> channel) -> Coro<int> {
      int sum = 0;
      while (auto item = co_await channel.next()) sum += *item;
      co_return sum;
    };
    asyncio::Channel<int> channel(1);
    std::atomic<int> sum{0};
    {
      Together threads;
      threads.add([channel]() mutable {
        for (int i = 1; i <= 3; ++i) channel.put_blocking(i);
        channel.close();
      });
      threads.add([channel, &sum]() mutable {
        try {
          sum.fetch_add(channel.get_blocking(1ms));
        } catch (const asyncio::QueueEmpty&) {
        } catch (const asyncio::QueueShutDown&) {
        }
      });
      sum.fetch_add(asyncio::run(main(channel)));
    }
    expect_equal(sum.load(), 6);
  });
}

TEST_CASE("schedules: two loops hand a ball to and fro") {
  schedules("two_loops", 500, [](ThreadWorld&) {
    asyncio::EventLoop first;
    asyncio::EventLoop second;
    int rounds = 0;
    struct Ball {
      asyncio::EventLoop& here;
      asyncio::EventLoop& there;
      int& rounds;
      void operator()() const {
        if (++rounds == 6) {
          there.call_soon_threadsafe([&loop = there] { loop.stop(); });
          here.stop();
          return;
        }
        there.call_soon_threadsafe(Ball{there, here, rounds});
      }
    };
    Together threads;
    threads.add([&] { second.run_forever(); });
    first.call_soon(Ball{first, second, rounds});
    first.run_forever();
    threads.join();
    expect_equal(rounds, 6);
  });
}
