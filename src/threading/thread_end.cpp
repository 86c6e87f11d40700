#include "threading/thread_end.h"

#include <cxxabi.h>

#include <cstdlib>

extern "C" {
extern void* __dso_handle;  // NOLINT: the ABI's name for the image that this code is in
}

namespace heddle::threading::detail {

// What compilers call for a thread_local with a destructor. A thread_local itself would be of no
// use to code that runs among those destructors, after its own.
void at_thread_end(void (*act)(void*), void* object) noexcept {
  if (abi::__cxa_thread_atexit(act, object, &__dso_handle) != 0) std::abort();  // out of memory
}

}  // namespace heddle::threading::detail
