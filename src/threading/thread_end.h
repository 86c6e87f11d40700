// What is to be done when the calling thread ends.
#pragma once

namespace heddle::threading::detail {

// Calls act(object) at the end of this thread, or in exit() if it is the one that calls it: among
// the destructors of its thread_locals, last come, first called. May be called from there as well.
void at_thread_end(void (*act)(void*), void* object) noexcept;

}  // namespace heddle::threading::detail
