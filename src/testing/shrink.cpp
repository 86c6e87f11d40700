#include "testing/shrink.h"

#include <algorithm>

namespace heddle::testing {

namespace {

using List = std::vector<std::uint32_t>;

class Shrinker {
 public:
  Shrinker(List choices, const std::function<bool(const List&)>& fails, std::uint32_t runs_max)
      : best_(std::move(choices)), fails_(fails), runs_left_(runs_max) {}

  List run() {
    trim();
    bool changed = true;
    while (changed && runs_left_ > 0) {
      changed = false;
      for (std::size_t span = best_.size(); span > 0; span /= 2) changed |= clear_spans(span);
      changed |= lower_each();
    }
    return best_;
  }

 private:
  // Keeps the candidate if it fails as well.
  bool keep(List candidate) {
    if (runs_left_ == 0) return false;
    --runs_left_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    trim();
    return true;
  }
  void trim() {
    while (!best_.empty() && best_.back() == 0) best_.pop_back();
  }
  bool clear_spans(std::size_t span) {
    bool changed = false;
    for (std::size_t begin = 0; begin < best_.size(); begin += span) {
      std::size_t end = std::min(begin + span, best_.size());
      if (std::all_of(best_.begin() + static_cast<std::ptrdiff_t>(begin),
                      best_.begin() + static_cast<std::ptrdiff_t>(end),
                      [](std::uint32_t choice) { return choice == 0; }))
        continue;
      List candidate = best_;
      std::fill(candidate.begin() + static_cast<std::ptrdiff_t>(begin),
                candidate.begin() + static_cast<std::ptrdiff_t>(end), 0);
      changed |= keep(std::move(candidate));
    }
    return changed;
  }
  bool lower_each() {
    bool changed = false;
    for (std::size_t i = 0; i < best_.size(); ++i) {
      for (std::uint32_t lower : {best_[i] > 1 ? 1u : 0u, best_[i] / 2}) {
        if (i >= best_.size() || lower >= best_[i]) continue;
        List candidate = best_;
        candidate[i] = lower;
        changed |= keep(std::move(candidate));
      }
    }
    return changed;
  }

  List best_;
  const std::function<bool(const List&)>& fails_;
  std::uint32_t runs_left_;
};

}  // namespace

std::vector<std::uint32_t> shrink(
    std::vector<std::uint32_t> choices,
    const std::function<bool(const std::vector<std::uint32_t>&)>& fails, std::uint32_t runs_max) {
  return Shrinker(std::move(choices), fails, runs_max).run();
}

}  // namespace heddle::testing
