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

extern thread_local AllocationFaults* faults_of_thread;

// Does nothing: who calls it has the operator new of operator_new.cpp in the program.
void bring_operator_new() noexcept;

// Null: none fail. Returns the former one. Throws RuntimeError where the operator new of the
// program is not ours.
AllocationFaults* set_allocation_faults(AllocationFaults* faults);

}  // namespace heddle::testing
