#include "asyncio/timer_heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

using namespace heddle::asyncio::detail;

namespace {

struct Node final : TimerNode {
  explicit Node(int n) : number(n) {}
  void run() override {}
  int number;
};

// splitmix64: the same numbers in every run.
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  return mixed ^ (mixed >> 27);
}

}  // namespace

TEST_CASE(
    "TimerHeap: pops by deadline, equal ones first in first out, whatever was removed meanwhile") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::uint64_t state = seed;
    TimerHeap heap;
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::pair<heddle::Nanoseconds, int>> expected;
    for (int i = 0; i < 100; ++i) {
      nodes.push_back(std::make_unique<Node>(i));
      auto when = static_cast<heddle::Nanoseconds>(next_random(state) % 20);
      heap.insert(*nodes.back(), when);
      expected.emplace_back(when, i);
    }
    for (int i = 0; i < 30; ++i) {
      auto victim = static_cast<std::size_t>(next_random(state) % nodes.size());
      int number = nodes[victim]->number;
      if (i % 2 == 0) {
        nodes[victim]->disarm();
      } else {
        nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(victim));  // leaves by itself
      }
      std::erase_if(expected, [number](const auto& entry) { return entry.second == number; });
    }
    std::sort(expected.begin(), expected.end());  // the numbers grow with the insertions
    std::vector<std::pair<heddle::Nanoseconds, int>> popped;
    while (!heap.empty()) {
      popped.emplace_back(heap.next_deadline(), static_cast<Node*>(heap.next().node())->number);
      heap.remove(heap.next().place());
    }
    REQUIRE(popped == expected);
  }
}

// What was set, taken back and due, in any order and at any size, against a sorted list.
TEST_CASE("TimerHeap: gives what is due, in order, whether it had been sorted before or not") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::uint64_t state = seed;
    TimerHeap heap;
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::pair<heddle::Nanoseconds, int>> expected;
    heddle::Nanoseconds now = 0;
    for (int i = 0; i < 400; ++i) {
      std::uint64_t act = next_random(state) % 8;
      if (act < 5) {
        auto when = now + static_cast<heddle::Nanoseconds>(next_random(state) % 50);
        nodes.push_back(std::make_unique<Node>(i));
        heap.insert(*nodes.back(), when);
        expected.emplace_back(when, i);
      } else if (act == 5 && !expected.empty()) {
        auto victim = static_cast<std::size_t>(next_random(state) % expected.size());
        int number = expected[victim].second;
        std::erase_if(nodes, [number](const auto& node) { return node->number == number; });
        std::erase_if(expected, [number](const auto& entry) { return entry.second == number; });
      } else if (act == 6 && !expected.empty()) {
        auto first = std::min_element(expected.begin(), expected.end());
        REQUIRE(heap.next_deadline() == first->first);
        REQUIRE(static_cast<Node*>(heap.next().node())->number == first->second);
      } else if (act == 7) {
        now += static_cast<heddle::Nanoseconds>(next_random(state) % 20);
        while (TimerHeap::Timer due = heap.take_due(now)) {
          auto first = std::min_element(expected.begin(), expected.end());
          REQUIRE(first->first <= now);
          REQUIRE(static_cast<Node*>(due.node())->number == first->second);
          expected.erase(first);
        }
        REQUIRE(std::none_of(expected.begin(), expected.end(),
                             [now](const auto& entry) { return entry.first <= now; }));
      }
      REQUIRE(heap.size() == expected.size());
    }
  }
}

namespace {

// A list of timers, and a heap that must agree with it.
class Bursts {
 public:
  explicit Bursts(std::uint64_t seed) : state_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return next_random(state_) % limit; }
  std::size_t size() const { return expected_.size(); }

  void set(std::uint64_t count, std::uint64_t spread) {
    for (std::uint64_t i = 0; i < count; ++i) {
      auto when = now_ + 1 + static_cast<heddle::Nanoseconds>(below(spread));
      nodes_.push_back(std::make_unique<Node>(static_cast<int>(nodes_.size())));
      heap_.insert(*nodes_.back(), when);
      expected_.emplace(when, nodes_.back()->number);
    }
  }
  void take_back(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count && !expected_.empty(); ++i) {
      auto victim = expected_.begin();
      std::advance(victim,
                   static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(expected_.size(), 50))));
      nodes_[static_cast<std::size_t>(victim->second)]->disarm();
      expected_.erase(victim);
    }
    REQUIRE(heap_.size() == expected_.size());
  }
  void pass(std::uint64_t time) {
    now_ += static_cast<heddle::Nanoseconds>(time);
    if (!expected_.empty()) REQUIRE(heap_.next_deadline() == expected_.begin()->first);
    while (TimerHeap::Timer due = heap_.take_due(now_)) {
      REQUIRE(static_cast<Node*>(due.node())->number == expected_.begin()->second);
      REQUIRE(!due.node()->armed());
      expected_.erase(expected_.begin());
    }
    REQUIRE((expected_.empty() || expected_.begin()->first > now_));
    REQUIRE(heap_.size() == expected_.size());
  }

 private:
  std::uint64_t state_;
  heddle::Nanoseconds now_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;  // outlive the heap
  TimerHeap heap_;
  std::set<std::pair<heddle::Nanoseconds, int>> expected_;
};

}  // namespace

// Bursts are sorted beside the heap: in between, single timers come, go and are due.
TEST_CASE("TimerHeap: bursts of timers, with many equal deadlines or few") {
  for (std::uint64_t spread : {1U, 20U, 100'000U}) {
    Bursts timers(spread);
    for (int burst = 0; burst < 2; ++burst) {
      timers.set(TimerHeap::burst_min + timers.below(30'000), spread);
      timers.pass(0);
      for (int i = 0; i < 20; ++i) {
        timers.set(timers.below(3000), 2 * spread);
        timers.take_back(timers.below(2000));
        timers.pass(timers.below(spread / 30 + 1));
      }
    }
    timers.take_back(timers.size() - timers.size() / 10);  // mostly gaps
    timers.set(10, spread);
    timers.pass(0);
    timers.set(2 * TimerHeap::burst_min, spread);
    timers.pass(2 * spread + 1);
    CHECK(timers.size() == 0);
    timers.set(TimerHeap::burst_min, spread);
    timers.pass(0);  // and some are left when the heap ends
  }
}
