#include "asyncio/timer_heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
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
      popped.emplace_back(heap.next_deadline(), static_cast<Node&>(heap.next()).number);
      heap.remove(heap.next());
    }
    REQUIRE(popped == expected);
  }
}
