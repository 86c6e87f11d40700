#include <heddle/core/error.h>
#include <heddle/threading/serialize_iterator.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "threading/stress.h"

namespace threading = heddle::threading;

// Counts from 0 up; not thread-safe, throws once before `fails_at`.
struct Counting {
  struct End {};
  struct Iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    Counting* range;
    int operator*() const { return range->at; }
    Iterator& operator++() {
      if (range->at + 1 == range->fails_at) {
        range->fails_at = -1;
        throw heddle::ValueError("once");
      }
      ++range->at;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(End) const { return range->at >= range->count; }
  };
  Iterator begin() { return {this}; }
  End end() const { return {}; }
  int count;
  int fails_at = -1;
  int at = 0;
};

TEST_CASE("serialize_iterator: gives each element once, lazily") {
  std::istringstream text("1 2 3");
  struct Words {
    std::istream* in;
    auto begin() const { return std::istream_iterator<int>(*in); }
    auto end() const { return std::istream_iterator<int>(); }
  };
  auto numbers = threading::serialize_iterator(Words{&text});
  CHECK(numbers.next() == 1);
  std::vector<int> rest;
  for (int number : numbers) rest.push_back(number);
  CHECK(rest == std::vector<int>{2, 3});
  CHECK_FALSE(numbers.next());
  CHECK_FALSE(numbers.next());

  Counting counting{3};
  auto lazy = threading::serialize_iterator(counting);
  CHECK(counting.at == 0);
  CHECK(lazy.next() == 0);
  CHECK(counting.at == 0);  // the next one is made when it is asked for
}

TEST_CASE("serialize_iterator: refers to a range that has a name, and keeps a temporary") {
  std::vector<std::unique_ptr<int>> empty;
  CHECK(std::is_same_v<decltype(threading::serialize_iterator(empty)),
                       threading::SerializedIterator<std::vector<std::unique_ptr<int>>&>>);
  auto make = threading::synchronized_iterator([](int n) { return Counting{n}; });
  auto shared = make(2);
  CHECK(shared.next() == 0);
  CHECK(shared.next() == 1);
  CHECK_FALSE(shared.next());
}

TEST_CASE("serialize_iterator: an exception goes to who asked, and nothing is lost by it") {
  auto shared = threading::serialize_iterator(Counting{4, 2});
  CHECK(shared.next() == 0);
  CHECK(shared.next() == 1);
  CHECK_THROWS_AS(shared.next(), heddle::ValueError);
  std::vector<int> rest;
  for (int number : shared) rest.push_back(number);
  CHECK(rest == std::vector<int>{2, 3});
}

TEST_CASE("serialize_iterator: many threads share one range without losing or doubling") {
  threading::for_thread_counts([](unsigned count) {
    auto shared = threading::serialize_iterator(Counting{5'000});
    std::vector<std::vector<int>> got(count);
    threading::run_threads(count, [&](unsigned index, auto&) {
      for (int number : shared) got[index].push_back(number);
    });
    std::vector<int> all;
    for (auto& some : got) {
      CHECK(std::is_sorted(some.begin(), some.end()));
      all.insert(all.end(), some.begin(), some.end());
    }
    std::sort(all.begin(), all.end());
    CHECK(all.size() == 5'000);
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  });
}
