#include <heddle/queue/priority_queue.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "queue/work.h"

namespace {

struct Job {
  int deadline;
  std::string name;
  Job(int d, std::string n) : deadline(d), name(std::move(n)) {}
  Job(Job&&) = default;
  Job& operator=(Job&&) = default;
};

struct ByDeadline {
  bool latest_first = false;
  bool operator()(const Job& a, const Job& b) const {
    return latest_first ? b.deadline < a.deadline : a.deadline < b.deadline;
  }
};

}  // namespace

TEST_CASE("PriorityQueue: the smallest comes out first") {
  queue::PriorityQueue<int> q;
  for (int item : {3, 1, 2}) q.put(item);
  CHECK(q.get() == 1);
  q.put(0);
  CHECK(q.get() == 0);
  CHECK(q.get() == 2);
  CHECK(q.get() == 3);
}

TEST_CASE("PriorityQueue: agrees with a sorted list, whatever the order of puts and gets") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    queue::PriorityQueue<int> q;
    std::multiset<int> model;
    for (int step = 0; step < 200; ++step) {
      if (model.empty() || random() % 5 < 3) {
        int item = static_cast<int>(random() % 50);
        q.put(item);
        model.insert(item);
      } else {
        REQUIRE(q.get() == *model.begin());
        model.erase(model.begin());
      }
    }
    while (!model.empty()) {
      REQUIRE(q.get() == *model.begin());
      model.erase(model.begin());
    }
    REQUIRE(q.empty());
  }
}

TEST_CASE("PriorityQueue: an order of one's own, for items that only move") {
  queue::PriorityQueue<Job, ByDeadline> soonest;
  queue::PriorityQueue<Job, ByDeadline> latest(0, ByDeadline{true});
  for (int deadline : {5, 2, 9}) {
    soonest.put(Job(deadline, "job"));
    latest.put(Job(deadline, "job"));
  }
  CHECK(soonest.get().deadline == 2);
  CHECK(latest.get().deadline == 9);
}

TEST_CASE("PriorityQueue: a counter in the comparison makes it stable") {
  queue::PriorityQueue<std::tuple<int, int, std::string>> q;
  int count = 0;
  for (const char* name : {"a", "b", "c", "d", "e"}) q.put({1, count++, name});
  q.put({0, count++, "first"});
  std::string order;
  while (!q.empty()) order += std::get<2>(q.get());
  CHECK(order == "firstabcde");
}
