#include <heddle/detail/frame.h>

#include <utility>

namespace heddle::detail {

namespace {

// Beyond this many nested destructions the rest is put aside and taken apart by the outermost one.
constexpr int nesting_max = 200;
constinit thread_local int nesting = 0;
constinit thread_local Frame* aside = nullptr;  // chained by their links

}  // namespace

void destroy_unstarted(Frame& frame) noexcept {
  if (nesting < nesting_max) {
    ++nesting;
    frame.handle().destroy();
    --nesting;
  } else {
    // It never ran, so that nobody awaits it and its link is free to chain it.
    frame.link = reinterpret_cast<AwaitLink*>(aside);
    aside = &frame;
    return;
  }
  while (nesting == 0 && aside != nullptr) {
    Frame* next = aside;
    aside = reinterpret_cast<Frame*>(next->link);
    next->link = nullptr;
    ++nesting;
    next->handle().destroy();
    --nesting;
  }
}

void destroy_chain(Frame& innermost) noexcept {
  Frame* frame = &innermost;
  while (!frame->is_root()) {
    AwaitLink* link = frame->link;
    Frame* outer = link->awaiter;
    if (std::exchange(link->child, nullptr) != nullptr) frame->handle().destroy();
    frame = outer;
  }
  frame->handle().destroy();
}

}  // namespace heddle::detail
