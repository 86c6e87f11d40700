// Frame: what every coroutine of heddle has in its promise, and how one runs another.
//
// An awaited child runs inline, inside await_ready() of its awaiter, so that a child that finishes
// at once costs a call and the awaiter never suspends. A child that must wait suspends; then each
// awaiter up the chain suspends too, and the stack unwinds to the trampoline in TaskCore::run().
// When a chain runs deeper than `inline_depth_max`, or when a child finishes whose awaiter has
// suspended, the next frame to run is left in ThreadState::next for the trampoline. So neither a
// chain of any depth nor a loop of any length grows the stack, and nothing relies on tail calls.
#pragma once

#include <heddle/detail/memory.h>
#include <heddle/detail/thread_state.h>

#include <bit>
#include <coroutine>
#include <cstdint>
#include <source_location>
#include <utility>

namespace heddle::detail {

struct Frame;

// One await of a child coroutine; lives in the awaiter's frame and owns the child's.
struct AwaitLink {
  Frame* awaiter;
  Frame* child;  // null once the child's frame is gone
  // Of a generator's step: false while the generator runs inline, on the stack above its consumer.
  bool awaiter_suspended;

  AwaitLink() noexcept : awaiter(nullptr), child(nullptr), awaiter_suspended(false) {}
  // Of a coroutine, where nobody asks for the flag.
  AwaitLink(Frame& by, Frame& of) noexcept : awaiter(&by), child(&of) {}
};

struct Frame {
  // Who awaits this coroutine; null before it is awaited. Of the root of a task: see become_root().
  AwaitLink* link = nullptr;
  std::source_location
      where;  // the await that it is at; where its function begins until the first one

  explicit Frame(std::source_location begin) noexcept : where(begin) {}
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  // Nobody awaits the root of a task, which lets it keep where its function begins: the address in
  // a source_location, marked by the lowest bit. REQUIRES: it has not begun.
  void become_root() noexcept {
    link = reinterpret_cast<AwaitLink*>(std::bit_cast<std::uintptr_t>(where) | root_bit);
  }
  bool is_root() const noexcept { return is_root(link); }
  static bool is_root(const AwaitLink* link) noexcept {
    return (reinterpret_cast<std::uintptr_t>(link) & root_bit) != 0;
  }
  // REQUIRES: is_root(link)
  static std::source_location begin_of(const AwaitLink* link) noexcept {
    return std::bit_cast<std::source_location>(reinterpret_cast<std::uintptr_t>(link) & ~root_bit);
  }
  // The coroutine that awaits this one; null for a root, and for one that is not awaited.
  Frame* awaiter() const noexcept { return link == nullptr || is_root() ? nullptr : link->awaiter; }

  // All promises derive from Frame first and are aligned alike, so a handle can be made from the
  // base.
  std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<Frame>::from_promise(*this);
  }
  static Frame& of(std::coroutine_handle<> coroutine) noexcept {
    return std::coroutine_handle<Frame>::from_address(coroutine.address()).promise();
  }

 private:
  static constexpr std::uintptr_t root_bit = 1;
  static_assert(sizeof(std::source_location) == sizeof(std::uintptr_t));
};

// Runs a coroutine inside the one that awaits it. False, without running it, when the stack is too
// deep for that: then the trampoline has to.
inline bool resume_inline(Frame& child, Frame* awaiter) {
  ThreadState& state = thread_state;
  if (state.inline_room-- == 0) [[unlikely]] {
    ++state.inline_room;
    return false;
  }
  state.current = &child;
  child.handle().resume();
  state.current = awaiter;
  ++state.inline_room;
  return true;
}
inline bool resume_inline(Frame& child) { return resume_inline(child, thread_state.current); }

// Runs the child of an await for the first time: inline, or after its awaiter has suspended.
inline void start_child(AwaitLink& link) {
  Frame& child = *link.child;
  child.link = &link;
  if (!resume_inline(child, link.awaiter)) [[unlikely]]
    thread_state.next = &child;
}

// Destroys a coroutine that never ran. It holds other coroutines only as arguments, and a chain of
// those may be of any length: beyond a fixed depth it is taken apart iteratively.
void destroy_unstarted(Frame& frame) noexcept;

inline void destroy_frame(Frame& frame, bool started) noexcept {
  if (started) {
    frame.handle().destroy();
  } else {
    destroy_unstarted(frame);
  }
}

// As destroy_frame() of a coroutine that was to run and will not.
inline void drop_unstarted(Frame& frame) noexcept {
  bool former = std::exchange(thread_state.drops_arguments, true);
  destroy_unstarted(frame);
  thread_state.drops_arguments = former;
}

// Destroys the frames of a suspended task, from the innermost outwards to the root.
void destroy_chain(Frame& innermost) noexcept;

}  // namespace heddle::detail
