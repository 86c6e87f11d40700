// What is promised when an item's move, copy or comparison throws, or memory ends: nothing has
// happened, and the item is where it was.
#include <algorithm>
#include <atomic>
#include <new>

#include "queue/work.h"
#include "testing/allocation_faults.h"

namespace {

struct Broken {};

// Throws when its fuse has burnt down; counts what lives.
struct Fragile {
  static inline std::atomic<int> alive = 0;
  static inline thread_local int fuse = -1;  // operations until one throws; negative: none
  static void burn() {
    if (fuse >= 0 && fuse-- == 0) throw Broken();
  }

  explicit Fragile(int n) : number(n) { ++alive; }
  Fragile(const Fragile& other) : number(other.number) {
    burn();
    ++alive;
  }
  Fragile(Fragile&& other) : number(other.number) {
    burn();
    other.number = -1;
    ++alive;
  }
  Fragile& operator=(Fragile&& other) {
    burn();
    number = std::exchange(other.number, -1);
    return *this;
  }
  ~Fragile() { --alive; }
  friend bool operator<(const Fragile& a, const Fragile& b) {
    burn();
    return a.number < b.number;
  }

  int number;
};

template <class Q>
std::vector<int> drain(Q& q) {
  std::vector<int> numbers;
  while (!q.empty()) numbers.push_back(q.get().number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

class FailAt final : public heddle::testing::AllocationFaults {
 public:
  explicit FailAt(int n) : left_(n), former_(heddle::testing::set_allocation_faults(this)) {}
  FailAt(const FailAt&) = delete;
  FailAt& operator=(const FailAt&) = delete;
  ~FailAt() { heddle::testing::set_allocation_faults(former_); }
  bool fails() override { return left_-- == 0; }

 private:
  int left_;
  heddle::testing::AllocationFaults* former_;
};

// False where a sanitizer has its own operator new.
bool allocations_can_fail() {
  try {
    FailAt first(0);
    ::operator delete(::operator new(1));
    return false;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (const heddle::RuntimeError&) {
    return false;
  }
}

}  // namespace

TEST_CASE_TEMPLATE("exceptions: put() that throws leaves queue and item as they were", Q,
                   queue::Queue<Fragile>, queue::LifoQueue<Fragile>, queue::PriorityQueue<Fragile>,
                   queue::SimpleQueue<Fragile>) {
  {
    Q q;
    int thrown = 0;
    for (int fuse = 0; fuse < 8; ++fuse) {
      for (int number : {9, 2, 7, 4, 5, 6, 3, 8, 1}) {
        Fragile item(number);
        Fragile::fuse = fuse;
        try {
          q.put(std::move(item));
          CHECK(item.number == -1);
        } catch (const Broken&) {
          ++thrown;
          CHECK(item.number == number);
          Fragile::fuse = -1;
          q.put(std::move(item));
        }
        Fragile::fuse = -1;
      }
      CHECK(drain(q) == std::vector{1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    CHECK(thrown > 0);
  }
  CHECK(Fragile::alive == 0);
}

TEST_CASE_TEMPLATE("exceptions: a copy that throws puts nothing", Q, queue::Queue<Fragile>,
                   queue::LifoQueue<Fragile>, queue::PriorityQueue<Fragile>,
                   queue::SimpleQueue<Fragile>) {
  Q q;
  const Fragile item(1);
  Fragile::fuse = 0;
  CHECK_THROWS_AS(q.put(item), Broken);
  CHECK(q.empty());
  q.put(item);
  CHECK(drain(q) == std::vector{1});
}

TEST_CASE_TEMPLATE("exceptions: get() that throws leaves every item inside", Q,
                   queue::Queue<Fragile>, queue::LifoQueue<Fragile>, queue::PriorityQueue<Fragile>,
                   queue::SimpleQueue<Fragile>) {
  {
    Q q;
    std::vector<int> expected;
    for (int i = 0; i < 50; ++i) {
      q.put(Fragile(i * 17 % 50));
      expected.push_back(i);
    }
    int thrown = 0;
    std::vector<int> got;
    for (int fuse = 0; !q.empty(); fuse = (fuse + 1) % 13) {
      std::size_t before = q.qsize();
      Fragile::fuse = fuse;
      try {
        Fragile item = q.get();
        Fragile::fuse = -1;
        CHECK(q.qsize() == before - 1);
        got.push_back(item.number);
      } catch (const Broken&) {
        ++thrown;
        CHECK(q.qsize() == before);
      }
      Fragile::fuse = -1;
    }
    CHECK(thrown > 3);
    std::sort(got.begin(), got.end());
    CHECK(got == expected);
  }
  CHECK(Fragile::alive == 0);
}

TEST_CASE("exceptions: PriorityQueue keeps its order through comparisons that throw") {
  queue::PriorityQueue<Fragile> q;
  for (int round = 0; round < 200; ++round) {
    Fragile item(round * 37 % 101);
    Fragile::fuse = round % 6;
    try {
      q.put(std::move(item));
    } catch (const Broken&) {
    }
    Fragile::fuse = -1;
  }
  for (int last = -1, fuse = 0; !q.empty(); ++fuse) {
    Fragile::fuse = fuse % 30;
    try {
      Fragile item = q.get();
      Fragile::fuse = -1;
      CHECK(item.number >= last);
      last = item.number;
    } catch (const Broken&) {
    }
    Fragile::fuse = -1;
  }
}

TEST_CASE("exceptions: the queue is free after one, at both ends") {
  queue::Queue<Fragile> q(1);
  Fragile first(1);
  Fragile::fuse = 0;
  CHECK_THROWS_AS(q.put(std::move(first)), Broken);
  q.put(std::move(first));
  Fragile::fuse = 0;
  CHECK_THROWS_AS(q.get(), Broken);
  Fragile::fuse = 0;
  CHECK_THROWS_AS(q.next(), Broken);
  CHECK(q.full());
  Worker putter([&] { q.put(Fragile(2)); });
  CHECK(q.get().number == 1);
  CHECK(q.get().number == 2);
}

TEST_CASE_TEMPLATE("exceptions: without memory put() throws bad_alloc and the item stays", Q,
                   queue::Queue<Parcel>, queue::LifoQueue<Parcel>, queue::PriorityQueue<Parcel>,
                   queue::SimpleQueue<Parcel>) {
  if (!allocations_can_fail()) return;
  Q q;
  int thrown = 0;
  for (int i = 0; i < 1000; ++i) {
    Parcel item = parcel(i);
    try {
      FailAt first(0);
      q.put(std::move(item));
    } catch (const std::bad_alloc&) {
      ++thrown;
      REQUIRE(item != nullptr);
      q.put(std::move(item));
    }
  }
  CHECK(thrown > 0);
  CHECK(q.qsize() == 1000);
  for (int i = 0; i < 1000; ++i) {
    FailAt first(0);
    CHECK(q.get() != nullptr);
  }
}
