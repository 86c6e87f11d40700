#include <heddle/threading/tee_places.h>

#include <algorithm>

namespace heddle::threading {

TeePlaces::TeePlaces(std::size_t branches, std::size_t limit) : limit_(limit), taken_(branches) {}

std::uint64_t TeePlaces::slowest() const noexcept {
  return taken_.empty() ? end_ : std::min(end_, *std::min_element(taken_.begin(), taken_.end()));
}

bool TeePlaces::wait_for_turn(std::size_t branch) {
  // A branch with something to take never waits; it is one of them that lets the others go on.
  while (taken_[branch] == end_ && limit_ != 0 && end_ - begin_ >= limit_) changed_.wait();
  return taken_[branch] < end_;
}

std::size_t TeePlaces::offset(std::size_t branch) const noexcept {
  return static_cast<std::size_t>(taken_[branch] - begin_);
}

bool TeePlaces::is_last_to_take(std::size_t branch) const noexcept {
  return taken_[branch] == begin_ && std::count(taken_.begin(), taken_.end(), begin_) == 1;
}

void TeePlaces::advance(std::size_t branch) {
  ++taken_[branch];
  if (slowest() == begin_) return;
  begin_ = slowest();
  changed_.notify_all();
}

std::size_t TeePlaces::leave(std::size_t branch) noexcept {
  taken_[branch] = UINT64_MAX;
  auto gone = static_cast<std::size_t>(slowest() - begin_);
  begin_ += gone;
  changed_.notify_all();
  return gone;
}

}  // namespace heddle::threading
