#include "testing/scheduler.h"

#include <algorithm>

namespace heddle::testing {

namespace {

class TameScheduler final : public Scheduler {
 public:
  void begin(std::uint64_t) override {}
  std::uint32_t propose(const Decision&) override { return 0; }
};

// What random and pct have in common: how often the rare things happen.
class RandomScheduler : public Scheduler {
 public:
  void begin(std::uint64_t seed) override { random_ = Random(seed * 0x9e3779b97f4a7c15 + 1); }
  std::uint32_t propose(const Decision& decision) override {
    switch (decision.kind) {
      case Decision::Kind::next:
        return next(decision);
      case Decision::Kind::spurious:
        return random_.below(24) == 0 ? 1 : 0;
      default:
        return random_.below(decision.n);
    }
  }

 protected:
  virtual std::uint32_t pick(const Decision& decision, std::uint32_t n) {
    static_cast<void>(decision);
    return random_.below(n);
  }
  Random random_{0};

 private:
  std::uint32_t next(const Decision& decision) {
    if (decision.last_is_late) {
      if (random_.below(16) == 0) return decision.n - 1;
      return decision.n == 2 ? 0 : pick(decision, decision.n - 1);
    }
    return pick(decision, decision.n);
  }
};

class PctScheduler final : public RandomScheduler {
 public:
  PctScheduler(std::uint32_t depth, std::uint64_t steps) noexcept
      : depth_(std::max(depth, 1u)), steps_(std::max<std::uint64_t>(steps, 1)) {}

  void begin(std::uint64_t seed) override {
    RandomScheduler::begin(seed);
    priorities_.clear();
    changes_.clear();
    for (std::uint32_t i = 1; i < depth_; ++i) changes_.push_back(1 + random_.below(steps_));
    std::sort(changes_.begin(), changes_.end());
    changed_ = 0;
    turns_ = 0;
  }

 private:
  std::uint32_t pick(const Decision& decision, std::uint32_t n) override {
    std::uint32_t best = highest(decision, n);
    std::uint32_t thread = decision.threads[best];
    // The highest one loses its rank at the steps of change, and where it does not seem to get
    // anywhere.
    bool change = changed_ < changes_.size() && decision.step >= changes_[changed_];
    if (change) ++changed_;
    turns_ = thread == last_ ? turns_ + 1 : 0;
    last_ = thread;
    if (!change && turns_ < 500) return best;
    turns_ = 0;
    priorities_[thread] = lowest_--;
    return highest(decision, n);
  }
  std::uint32_t highest(const Decision& decision, std::uint32_t n) {
    std::uint32_t best = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (priority(decision.threads[i]) > priority(decision.threads[best])) best = i;
    }
    return best;
  }
  std::int64_t priority(std::uint32_t thread) {
    while (priorities_.size() <= thread) priorities_.push_back(random_.below(1u << 30));
    return priorities_[thread];
  }

  std::uint32_t depth_;
  std::uint64_t steps_;
  std::vector<std::int64_t> priorities_;
  std::vector<std::uint64_t> changes_;
  std::size_t changed_ = 0;
  std::int64_t lowest_ = -1;
  std::uint32_t last_ = 0;
  std::uint32_t turns_ = 0;
};

class MixedScheduler final : public Scheduler {
 public:
  explicit MixedScheduler(std::uint64_t steps) noexcept : two_(2, steps), three_(3, steps) {}
  void begin(std::uint64_t seed) override {
    Scheduler* all[] = {&random_, &two_, &three_};
    current_ = all[seed % 3];
    current_->begin(seed);
  }
  std::uint32_t propose(const Decision& decision) override { return current_->propose(decision); }

 private:
  RandomScheduler random_;
  PctScheduler two_;
  PctScheduler three_;
  Scheduler* current_ = &random_;
};

// Depth first: every run follows the former one up to its last choice that has another answer left.
class DfsScheduler final : public Scheduler {
 public:
  explicit DfsScheduler(std::uint32_t bound) noexcept : bound_(bound) {}

  void begin(std::uint64_t) override { at_ = 0; }

  std::uint32_t propose(const Decision& decision) override {
    if (at_ == made_.size())
      made_.push_back({decision.n, 0, decision.others_cost, decision.last_is_late});
    return made_[at_++].answer;
  }

  bool end() override {
    made_.resize(at_);  // a run that failed early
    while (!made_.empty()) {
      Made& last = made_.back();
      for (++last.answer; last.answer < last.n; ++last.answer) {
        if (cost() <= bound_) return true;
      }
      made_.pop_back();
    }
    return false;
  }

 private:
  struct Made {
    std::uint32_t n;
    std::uint32_t answer;
    bool others_cost;
    bool last_costs;
  };
  std::uint32_t cost() const noexcept {
    std::uint32_t sum = 0;
    for (const Made& made : made_) {
      bool counts =
          made.others_cost ? made.answer != 0 : made.last_costs && made.answer == made.n - 1;
      sum += counts ? 1 : 0;
    }
    return sum;
  }

  std::uint32_t bound_;
  std::vector<Made> made_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Scheduler> make_tame_scheduler() { return std::make_unique<TameScheduler>(); }

std::unique_ptr<Scheduler> make_scheduler(Schedule schedule, std::uint64_t steps) {
  switch (schedule.kind()) {
    case Schedule::Kind::random:
      return std::make_unique<RandomScheduler>();
    case Schedule::Kind::pct:
      return std::make_unique<PctScheduler>(schedule.bound(), steps);
    case Schedule::Kind::dfs:
      return std::make_unique<DfsScheduler>(schedule.bound());
    default:
      return std::make_unique<MixedScheduler>(steps);
  }
}

}  // namespace heddle::testing
