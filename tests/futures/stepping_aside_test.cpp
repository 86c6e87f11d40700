// What a thread does that waits for workers which have all CPUs. Only in builds whose table of
// calls can be replaced.
#include <doctest/doctest.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/threading/event.h>

#include <atomic>
#include <vector>

#include "core/cpu_count.h"
#include "core/kernel.h"

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using heddle::core::Kernel;
using heddle::core::SystemCalls;
using namespace std::chrono_literals;

namespace {

threading::Event* on_yield = nullptr;
std::atomic<int> yields = 0;

int set_and_yield() {
  ++yields;
  on_yield->set();
  return SystemCalls::sched_yield();
}

// From here to the end of the scope a sched_yield() sets the event.
struct Yielding {
  explicit Yielding(threading::Event& event) {
    yields = 0;
    on_yield = &event;
    Kernel::sched_yield = &set_and_yield;
  }
  ~Yielding() { Kernel::sched_yield = &SystemCalls::sched_yield; }
};

// Jobs that keep a worker for each CPU until the event is set; they give true when it was.
class BusyWorkers {
 public:
  explicit BusyWorkers(threading::Event& end) {
    for (int i = 0; i < count_; ++i) {
      jobs_.push_back(pool_.submit([this, &end] {
        if (++running_ == count_) begun_.set();
        return end.wait(10s);
      }));
    }
    begun_.wait();
  }
  std::vector<futures::Future<bool>>& jobs() noexcept { return jobs_; }

 private:
  const int count_ = heddle::core::cpu_count();
  threading::Event begun_;
  std::atomic<int> running_ = 0;
  std::vector<futures::Future<bool>> jobs_;
  futures::ThreadPoolExecutor pool_{count_};
};

}  // namespace

TEST_CASE("Future: a wait lets the workers run that have all CPUs, and does not spin beside them") {
  threading::Event stepped_aside;
  BusyWorkers workers(stepped_aside);
  Yielding yielding(stepped_aside);
  for (auto& job : workers.jobs()) CHECK(job.result());
  CHECK(yields > 0);
}

TEST_CASE("Future: a wait with a limit does not give its CPU away") {
  threading::Event end;
  BusyWorkers workers(end);
  Yielding yielding(end);
  CHECK_THROWS_AS(workers.jobs().front().result(1ms), heddle::TimeoutError);
  CHECK(yields == 0);
  end.set();
}
