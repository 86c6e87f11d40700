// The example of docs/testing.md: a program with a real bug, the world that finds it, and the mend.
#include "asyncio/work.h"

// snippet: bank
Coro<void> save(int account);  // to a disk, say: takes a while

// Accounts behind a lock each. A transfer takes money here and puts it there.
class Bank {
 public:
  Coro<void> transfer(int from, int to, int amount) {
    {
      auto held = co_await locks_[from].hold();
      accounts_[from] -= amount;
      co_await save(from);
    }
    auto held = co_await locks_[to].hold();  // cancelled here, the money is nowhere
    accounts_[to] += amount;
    co_await save(to);
  }
  int total() const { return accounts_[0] + accounts_[1] + accounts_[2]; }

 private:
  int accounts_[3] = {100, 100, 100};
  asyncio::Lock locks_[3];
};

template <class AnyBank>
Coro<void> bank_world(testing::World& world) {
  AnyBank bank;
  world.faults({.cancel = 0.01});  // one step in a hundred cancels some transfer
  std::vector<asyncio::Task<void>> transfers;
  for (int i = 0; i < 10; ++i) {
    int from = static_cast<int>(world.choose(3, "bank.from"));
    transfers.push_back(asyncio::create_task(bank.transfer(from, (from + 1) % 3, 10)));
  }
  co_await asyncio::wait(transfers);
  testing::expect_equal(bank.total(), 300, "money in the bank");
}
// end snippet

Coro<void> save(int) { co_await asyncio::sleep(1ms); }

TEST_CASE("explore: finds money that a cancelled transfer loses") {
  std::string text;
  try {
    testing::explore(bank_world<Bank>, {.seeds = 10'000, .name = "bank_world"});
  } catch (const testing::ExploreFailure& failure) {
    text = failure.what();
  }
  CHECK(text.find("money in the bank: expected 300, got 290") != text.npos);
  CHECK(text.find("at Bank::transfer (bank_test.cpp:") != text.npos);
  CHECK(text.find("replay: HEDDLE_REPLAY='bank_world:") != text.npos);
  MESSAGE(text);
}

// snippet: mended-bank
// Holds both locks, in one order for all, before it moves anything.
class MendedBank {
 public:
  Coro<void> transfer(int from, int to, int amount) {
    auto first = co_await locks_[std::min(from, to)].hold();
    auto second = co_await locks_[std::max(from, to)].hold();
    accounts_[from] -= amount;
    accounts_[to] += amount;
    co_await save(from);
    co_await save(to);
  }
  int total() const { return accounts_[0] + accounts_[1] + accounts_[2]; }

 private:
  int accounts_[3] = {100, 100, 100};
  asyncio::Lock locks_[3];
};

TEST_CASE("MendedBank: keeps the money, whatever is cancelled") {
  testing::explore(bank_world<MendedBank>, {.seeds = 1000});
  testing::explore_each(bank_world<MendedBank>);  // each transfer cancelled at each step
}
// end snippet
