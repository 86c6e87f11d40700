#include <heddle/threading/concurrent_tee.h>

#include <numeric>
#include <string>

#include "threading/stress.h"

namespace threading = heddle::threading;

TEST_CASE("concurrent_tee: each branch sees the whole range, at its own pace") {
  auto branches = threading::concurrent_tee(std::vector<std::string>{"a", "b", "c"}, 3);
  REQUIRE(branches.size() == 3);
  std::string first, second;
  for (auto& text : branches[0]) first += text;
  CHECK(branches[1].next() == "a");
  for (auto& text : branches[1]) second += text;
  CHECK(first == "abc");
  CHECK(second == "bc");
  CHECK(branches[2].next() == "a");
  CHECK_FALSE(branches[0].next());
}

// Counts those that live.
struct Item {
  Item() { ++alive; }
  Item(const Item&) { ++alive; }
  Item(Item&&) noexcept { ++alive; }
  Item& operator=(const Item&) = default;
  ~Item() { --alive; }
  static inline std::atomic<int> alive{0};
};

TEST_CASE("concurrent_tee: keeps what the slowest branch has not taken, and no more") {
  std::vector<Item> items(5);
  auto branches = threading::concurrent_tee(items);
  for (int i = 0; i < 4; ++i) branches[0].next();
  CHECK(Item::alive == 5 + 4);
  branches[1].next();
  CHECK(Item::alive == 5 + 3);
  branches.pop_back();  // a branch that dies is not waited for
  CHECK(Item::alive == 5);
  CHECK(branches[0].next());
  CHECK_FALSE(branches[0].next());
}

TEST_CASE("concurrent_tee: threads see all, also where the fast ones wait for the slow ones") {
  std::vector<int> numbers(3'000);
  std::iota(numbers.begin(), numbers.end(), 0);
  for (std::size_t limit : {0U, 1U, 7U}) {
    threading::for_thread_counts([&](unsigned count) {
      auto branches = threading::concurrent_tee(numbers, count, limit);
      std::vector<std::vector<int>> got(count);
      threading::run_threads(count, [&](unsigned index, auto& random) {
        auto branch = std::move(branches[index]);
        // One of them leaves early.
        std::size_t most = index == 1 ? random() % numbers.size() : numbers.size();
        while (got[index].size() < most) {
          auto number = branch.next();
          if (!number) break;
          got[index].push_back(*number);
        }
      });
      for (unsigned i = 0; i < count; ++i) {
        CHECK(std::equal(got[i].begin(), got[i].end(), numbers.begin()));
        if (i != 1) CHECK(got[i].size() == numbers.size());
      }
    });
  }
}
