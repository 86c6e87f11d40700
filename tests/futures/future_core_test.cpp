#include <doctest/doctest.h>
#include <heddle/futures/future.h>
#include <heddle/futures/future_core.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <string>
#include <vector>

namespace futures = heddle::futures;
namespace threading = heddle::threading;
using futures::Future;
using futures::FutureCore;

namespace {

struct Counting final : FutureCore::Callback {
  explicit Counting(std::atomic<int>& calls_, std::atomic<int>& disposals_)
      : calls(calls_), disposals(disposals_) {}
  void call(FutureCore& future) override {
    CHECK(future.done());
    ++calls;
  }
  void dispose() noexcept override { ++disposals; }
  std::atomic<int>& calls;
  std::atomic<int>& disposals;
};

}  // namespace

TEST_CASE("FutureCore: a callback is called and disposed of once, or taken back and neither") {
  std::atomic<int> calls = 0, disposals = 0;
  Counting kept(calls, disposals), taken_back(calls, disposals), late(calls, disposals);
  Future<int> future;
  CHECK(future.state()->add_unless_done(kept));
  CHECK(future.state()->add_unless_done(taken_back));
  CHECK(future.state()->remove_callback(taken_back));
  CHECK(!future.state()->remove_callback(taken_back));
  future.set_result(1);
  CHECK(calls == 1);
  CHECK(disposals == 1);
  CHECK(!future.state()->add_unless_done(late));
  CHECK(calls == 1);
}

TEST_CASE("FutureCore: callbacks of a future that dies unfinished are disposed of, not called") {
  std::atomic<int> calls = 0, disposals = 0;
  Counting callback(calls, disposals);
  {
    CHECK(Future<int>().state()->add_unless_done(callback));
  }
  CHECK(calls == 0);
  CHECK(disposals == 1);
}

TEST_CASE("FutureCore: what an executor has begun is finished by that executor alone") {
  Future<int> future;
  CHECK(future.state()->begin() == FutureCore::Begin::begun);
  CHECK(future.running());
  CHECK(!future.cancel());
  CHECK_THROWS_AS(future.set_result(1), heddle::InvalidStateError);
  CHECK(future.state()->begin() == FutureCore::Begin::gone);
  future.state()->finish_unless_done(std::make_exception_ptr(heddle::KeyError("no")));
  CHECK(!future.done());
  future.state()->value.emplace(7);
  future.state()->finish_begun(nullptr);
  CHECK(future.result() == 7);

  Future<int> cancelled;
  cancelled.cancel();
  CHECK(cancelled.state()->begin() == FutureCore::Begin::cancelled);
  CHECK(cancelled.state()->state() == FutureCore::State::cancelled_and_notified);
}

TEST_CASE("FutureCore: a value that throws as it is stored leaves the future running") {
  struct Fragile {
    explicit Fragile(int left_) : left(left_) {}
    Fragile(const Fragile&) = default;
    Fragile(Fragile&& other) : left(other.left - 1) {
      if (left == 0) throw heddle::ValueError("moved too often");
    }
    int left;
  };
  Future<Fragile> future;
  CHECK_THROWS_AS(future.set_result(Fragile(2)), heddle::ValueError);
  CHECK(!future.done());
  future.set_exception(std::make_exception_ptr(heddle::KeyError("k")));
  CHECK_THROWS_AS(future.result(), heddle::KeyError);
}

TEST_CASE("FutureCore: of cancel() and begin() at the same moment exactly one succeeds") {
  for (int round = 0; round < 300; ++round) {
    Future<int> future;
    std::atomic<bool> go = false;
    std::atomic<bool> cancelled = false;
    threading::Thread other([&, future] {
      go.wait(false);
      cancelled = future.cancel();
    });
    other.start();
    go = true;
    go.notify_all();
    bool begun = future.state()->begin() == FutureCore::Begin::begun;
    other.join();
    REQUIRE(begun != cancelled);
  }
}

TEST_CASE(
    "FutureCore: callbacks added while the future ends are each called once, by either side") {
  for (int round = 0; round < 200; ++round) {
    Future<int> future;
    std::atomic<int> calls = 0;
    std::atomic<bool> go = false;
    std::vector<threading::Thread> adders;
    for (int t = 0; t < 3; ++t) {
      adders.emplace_back([&, future] {
        go.wait(false);
        for (int i = 0; i < 5; ++i) future.add_done_callback([&](const Future<int>&) { ++calls; });
      });
      adders.back().start();
    }
    go = true;
    go.notify_all();
    future.set_result(1);
    for (auto& adder : adders) adder.join();
    REQUIRE(calls == 15);
  }
}
