#include <heddle/testing/choices.h>
#include <heddle/testing/virtual_clock.h>

namespace heddle::testing {

void Choices::note(std::string text) {
  busy_ = true;
  if (records_sites_ && !sites_.empty()) sites_.back().note = std::move(text);
  busy_ = false;
}

std::uint32_t Choices::choose(std::uint32_t n, const char* site) {
  std::uint32_t answer = 0;
  if (!replays_ && !tame_) {
    // splitmix64: small, and equal on every machine.
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    answer = static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) % n);
  }
  return record(n, site, answer);
}

std::uint32_t Choices::choose(std::uint32_t n, const char* site, std::uint32_t proposed) {
  return record(n, site, proposed % n);
}

std::uint32_t Choices::record(std::uint32_t n, const char* site, std::uint32_t answer) {
  if (replays_) answer = made_.size() < recorded_.size() ? recorded_[made_.size()] % n : 0;
  busy_ = true;
  made_.push_back(answer);
  if (records_sites_) {
    sites_.emplace_back();
    sites_.back().n = n;
    sites_.back().name = site;
  }
  busy_ = false;
  return answer;
}

bool VirtualClock::jump_to(Nanoseconds deadline) noexcept {
  constexpr Nanoseconds millisecond = 1'000'000;
  Nanoseconds late = heddle::choose(4, "clock.timer_late") * millisecond;
  now_ = saturating_add(deadline, late);
  return true;
}

}  // namespace heddle::testing
