// TeePlaces: how far each branch of a concurrent_tee() has come. For concurrent_tee.h.
#pragma once

#include <heddle/threading/condition.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::threading {

// Its lock guards the elements too. REQUIRES of all but the constructor: it is held.
class TeePlaces {
 public:
  // limit: the most elements that wait for a slow branch; 0: any number.
  TeePlaces(std::size_t branches, std::size_t limit);

  void lock() noexcept { changed_.lock(); }
  void unlock() noexcept { changed_.unlock(); }

  // Waits while a new element would be one too many. True when an element that the branch has not
  // taken is there already.
  bool wait_for_turn(std::size_t branch);
  // An element was added at the end.
  void added() noexcept { ++end_; }
  // Where in the elements that are kept the branch's next one is.
  std::size_t offset(std::size_t branch) const noexcept;
  // Whether all others have taken the branch's next element, so that it goes.
  bool is_last_to_take(std::size_t branch) const noexcept;
  // The branch took its next element; if it was the last to take it, that one is gone by now.
  void advance(std::size_t branch);
  // The branch takes no more. Returns how many elements at the front nobody needs any more.
  std::size_t leave(std::size_t branch) noexcept;

 private:
  std::uint64_t slowest() const noexcept;

  Condition changed_;
  std::size_t limit_;
  std::vector<std::uint64_t> taken_;  // by branch; of one that left: the largest number
  std::uint64_t begin_ = 0;           // the number of the first element that is kept
  std::uint64_t end_ = 0;             // one behind the last
};

}  // namespace heddle::threading
