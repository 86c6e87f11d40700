#include "testing/allocation_faults.h"

#include <heddle/core/error.h>

namespace heddle::testing {

constinit thread_local AllocationFaults* faults_of_thread = nullptr;

AllocationFaults* set_allocation_faults(AllocationFaults* faults) {
  // Set by the build: false where a sanitizer has an operator new of its own.
  constexpr bool replaced = HEDDLE_REPLACES_OPERATOR_NEW;
  if (!replaced && faults != nullptr)
    throw RuntimeError(
        "allocations cannot fail under ThreadSanitizer: it has its own operator new");
  if constexpr (replaced) bring_operator_new();
  AllocationFaults* former = faults_of_thread;
  faults_of_thread = faults;
  return former;
}

}  // namespace heddle::testing
