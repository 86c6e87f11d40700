// Decides which allocations of this thread fail.
#pragma once

namespace heddle::testing {

class AllocationFaults {
 public:
  // Asked at each operator new of the thread.
  virtual bool fails() = 0;

 protected:
  ~AllocationFaults() = default;
};

// Null: none fail. Returns the former one.
AllocationFaults* set_allocation_faults(AllocationFaults* faults) noexcept;

}  // namespace heddle::testing
