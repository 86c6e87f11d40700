#include <heddle/asyncio/wait_list.h>
#include <heddle/testing.h>

#include <array>

#include "asyncio/work.h"

static Coro<void> wait_on(asyncio::WaitList& list, int& resumed) {
  co_await list.wait();
  ++resumed;
}

// T2. Up to four tasks wait; then six events, each one of: wake the first, wake all, cancel task k,
// let a turn pass. Every sequence. Promised: each wake-up resumes exactly one task or is overtaken
// by a cancellation of just that task; first in, first out; nobody is lost and nobody is woken
// twice.
struct Model {
  int waiters;
  std::uint32_t events;  // in base waiters + 3

  Coro<void> run() {
    asyncio::WaitList list;
    std::array<int, 4> resumed{};
    std::vector<asyncio::Task<void>> tasks;
    for (int i = 0; i < waiters; ++i)
      tasks.push_back(asyncio::create_task(wait_on(list, resumed[static_cast<std::size_t>(i)])));
    co_await asyncio::sleep(0s);
    std::vector<int> parked;
    std::array<int, 4> expected{};  // 0: waits, 1: resumes, 2: cancelled
    for (int i = 0; i < waiters; ++i) parked.push_back(i);
    std::vector<int> woken;  // not run yet
    std::uint32_t rest = events;
    for (int step = 0; step < 6; ++step) {
      int event = static_cast<int>(rest % static_cast<std::uint32_t>(waiters + 3));
      rest /= static_cast<std::uint32_t>(waiters + 3);
      if (event == 0 || event == 1) {
        std::size_t count = event == 0 ? std::min<std::size_t>(1, parked.size()) : parked.size();
        if (event == 0) {
          if (list.wake_one() != (count == 1))
            FAIL("wake_one() did not say whether somebody waited");
        } else {
          list.wake_all();
        }
        for (std::size_t i = 0; i < count; ++i) {
          expected[static_cast<std::size_t>(parked[i])] = 1;
          woken.push_back(parked[i]);
        }
        parked.erase(parked.begin(), parked.begin() + static_cast<std::ptrdiff_t>(count));
      } else if (event == 2) {
        co_await asyncio::sleep(0s);
        woken.clear();
      } else {
        int victim = event - 3;
        bool pending = std::erase(parked, victim) + std::erase(woken, victim) > 0;
        tasks[static_cast<std::size_t>(victim)].cancel();
        if (pending) expected[static_cast<std::size_t>(victim)] = 2;
      }
      if (list.empty() != parked.empty()) FAIL("the list and the model disagree on who waits");
    }
    co_await asyncio::sleep(0s);
    for (int i = 0; i < waiters; ++i) {
      auto k = static_cast<std::size_t>(i);
      int actual = tasks[k].cancelled() ? 2 : resumed[k];
      if (actual != expected[k])
        FAIL("waiters " << waiters << " events " << events << " task " << i << ": " << actual);
    }
    list.wake_all();
    co_await asyncio::sleep(0s);
    for (auto& task : tasks) {
      if (!task.done()) FAIL("a task was lost");
    }
  }
};

TEST_CASE("T2: WaitList keeps every promise in all sequences of 4 waiters and 6 events") {
  std::uint64_t sequences = 0;
  for (int waiters = 1; waiters <= 4; ++waiters) {
    std::uint32_t count = 1;
    for (int i = 0; i < 6; ++i) count *= static_cast<std::uint32_t>(waiters + 3);
    auto all = [&]() -> Coro<void> {
      for (std::uint32_t events = 0; events < count; ++events, ++sequences) {
        Model model{waiters, events};
        co_await model.run();
      }
    };
    testing::run_async(all);
  }
  CHECK(sequences == 4'096 + 15'625 + 46'656 + 117'649);
}

ASYNC_TEST_CASE("WaitList: a primitive of one's own") {
  struct Gate {
    asyncio::WaitList::Awaiter pass() { return waiters.wait(open); }
    bool open = false;
    asyncio::WaitList waiters;
  } gate;
  auto enter = [&gate]() -> Coro<void> { co_await gate.pass(); };
  auto task = asyncio::create_task(enter());
  co_await testing::wait_until_idle();
  CHECK(!task.done());
  gate.open = true;
  gate.waiters.wake_all();
  co_await task;
  co_await gate.pass();
}
