// Census: what the process holds, to be compared before and after a test.
#pragma once

#include <cstdint>
#include <string>

namespace heddle::testing {

struct Census {
  std::int64_t allocations = 0;  // coroutine frames, tasks, futures, handles
  std::int64_t descriptors = 0;
  std::int64_t threads = 0;  // those of heddle that are alive
  std::int64_t children = 0;

  // Counts now. Meaningful while no other thread works.
  static Census take();

  // What this one has more or fewer of than `before`; empty when they are equal.
  std::string difference(const Census& before) const;
};

}  // namespace heddle::testing
