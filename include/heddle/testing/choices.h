// Choices: answers to choose(), from a seed or from a recorded list.
//
// Every run of the same program with the same choices is the same run. A run that fails is repeated
// by its seed, or by the list that choices() gives.
#pragma once

#include <heddle/core/choose.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heddle::testing {

class Choices final : public ChoiceSource {
 public:
  // Pseudo-random answers. seed 0: always 0, the tame choice.
  explicit Choices(std::uint64_t seed) noexcept : state_(seed), tame_(seed == 0) {}
  // The answers of an earlier run; tame ones when they run out. An answer out of range is taken
  // modulo n.
  explicit Choices(std::vector<std::uint32_t> recorded) noexcept
      : recorded_(std::move(recorded)), replays_(true) {}

  std::uint32_t choose(std::uint32_t n, const char* site) override;
  // As above, but where no answer is recorded it is `proposed`, not one from the seed.
  std::uint32_t choose(std::uint32_t n, const char* site, std::uint32_t proposed);

  // The answers so far.
  const std::vector<std::uint32_t>& choices() const noexcept { return made_; }
  // Of how many, and at which site, each was made; recorded when asked for.
  class Site {
   public:
    std::uint32_t n = 0;
    const char* name = "";
    std::string note;
  };
  void record_sites() noexcept { records_sites_ = true; }
  const std::vector<Site>& sites() const noexcept { return sites_; }
  // Says what the last answer did, for the report of a failure.
  void note(std::string text);
  bool wants_notes() const noexcept { return records_sites_; }
  // True inside of choose() and note(), which may allocate: no further choice can be made then.
  bool busy() const noexcept { return busy_; }

 private:
  std::uint32_t record(std::uint32_t n, const char* site, std::uint32_t answer);

  std::uint64_t state_ = 0;
  bool tame_ = true;
  std::vector<std::uint32_t> recorded_;
  std::vector<std::uint32_t> made_;
  std::vector<Site> sites_;
  bool records_sites_ = false;
  bool busy_ = false;
  bool replays_ = false;
};

// Installs a source for choose() on this thread until the end of the scope.
class ScopedChoices {
 public:
  explicit ScopedChoices(ChoiceSource& source) noexcept : former_(set_choice_source(&source)) {}
  ScopedChoices(const ScopedChoices&) = delete;
  ScopedChoices& operator=(const ScopedChoices&) = delete;
  ~ScopedChoices() { set_choice_source(former_); }

 private:
  ChoiceSource* former_;
};

}  // namespace heddle::testing
