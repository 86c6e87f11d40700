#include <heddle/asyncio/gather.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

void GatherCore::Child::done(FutureCore& finished) noexcept {
  // Through the ready queue, as every callback of a future.
  finished.loop().push(*this);
}

void GatherCore::Child::drop() noexcept {
  if (--gather->unfinished_ == 0) gather->last_child_done();
}

// Gives up the reference that a gather has on itself while children run.
Ref<GatherCore> GatherCore::last_child_done() noexcept {
  static_cast<Lingering*>(this)->unlink();
  return Ref<GatherCore>::adopt(this);
}

void GatherCore::let_go() noexcept {
  Ref<GatherCore> self = last_child_done();
  for (std::size_t i = 0; i < count_; ++i) {
    static_cast<DoneWaiter&>(children_[i]).unlink();
    static_cast<ReadyNode&>(children_[i]).unlink();
    children_[i].future = {};
  }
}

void GatherCore::start(Child* children, std::size_t count) {
  children_ = children;
  count_ = count;
  unfinished_ = count;
  if (count == 0) {
    collect();
    return finish_value();
  }
  retain();  // given back when the last child is done
  loop().lingering().push_back(*this);
  for (std::size_t i = 0; i < count; ++i) children[i].gather = this;
  for (std::size_t i = 0; i < count; ++i) children[i].future->add_waiter(children[i]);
}

bool GatherCore::cancel(const std::string& message) {
  if (done()) return false;
  bool any = false;
  for (std::size_t i = 0; i < count_; ++i) any |= children_[i].future->cancel(message);
  // Whether exceptions are kept or not, a cancelled gather ends cancelled once all children did.
  cancel_requested_ |= any;
  return any;
}

void GatherCore::child_done(FutureCore& child) {
  Ref<GatherCore> keeps_alive = --unfinished_ == 0 ? last_child_done() : Ref<GatherCore>(this);
  if (done()) {
    child.mark_retrieved();  // the gather has thrown already; a later error has nobody to go to
    return;
  }
  if (!keep_exceptions_ && (child.cancelled() || child.failed())) {
    child.mark_retrieved();
    std::exception_ptr error = child.stored_exception();
    return finish_exception(error ? error : std::make_exception_ptr(CancelledError()));
  }
  if (unfinished_ != 0) return;
  if (cancel_requested_) {
    for (std::size_t i = 0; i < count_; ++i) children_[i].future->mark_retrieved();
    std::exception_ptr error = child.cancelled() ? child.stored_exception() : nullptr;
    return finish_exception(error ? error : std::make_exception_ptr(CancelledError()));
  }
  try {
    collect();
  } catch (...) {
    return finish_exception(std::current_exception());
  }
  finish_value();
}

}  // namespace heddle::asyncio::detail
