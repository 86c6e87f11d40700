#include <heddle/asyncio/gather.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

bool starts_tasks_plainly(const LoopCore& loop) noexcept { return loop.task_factory() == nullptr; }

// Gives up the reference that a gather has on itself while children run.
Ref<GatherCore> GatherCore::take_self() noexcept {
  static_cast<Lingering*>(this)->unlink();
  return Ref<GatherCore>::adopt(this);
}

void GatherCore::child_dropped() noexcept {
  if (--unfinished_ == 0) take_self();
}

void GatherCore::let_go() noexcept {
  Ref<GatherCore> self = take_self();
  ReadyNode::unlink();
  failed_ = last_ = {};
  release_children();
}

void GatherCore::expect(std::size_t count) {
  count_ = count;
  unfinished_ = count;
  if (count == 0) {
    collect();
    return finish_value();
  }
  retain();  // given back when the last child is done
  loop().lingering().push_back(*this);
}

bool GatherCore::cancel(const std::string& message) {
  if (done()) return false;
  bool any = false;
  for (std::size_t i = 0; i < count_; ++i) any |= child(i).cancel(message);
  // Whether exceptions are kept or not, a cancelled gather ends cancelled once all children did.
  cancel_requested_ |= any;
  return any;
}

void GatherCore::child_failed(FutureCore& child) noexcept {
  // When the gather throws already, a later error has nobody to go to.
  child.mark_retrieved();
  if (failed_) return;
  failed_ = Ref<FutureCore>(&child);
  if (!ReadyNode::linked()) loop().push(*this);
}

void GatherCore::last_child_done(FutureCore& child) noexcept {
  last_ = Ref<FutureCore>(&child);
  if (!ReadyNode::linked()) loop().push(*this);
}

void GatherCore::run() {
  Ref<GatherCore> keeps_alive = unfinished_ == 0 ? take_self() : Ref<GatherCore>(this);
  if (failed_ && !done()) finish_as(*failed_);
  if (unfinished_ != 0) return;
  if (!done()) finish_all();
  failed_ = last_ = {};
  release_children();
}

// Fails with the error of a child.
void GatherCore::finish_as(FutureCore& child) noexcept {
  std::exception_ptr error = child.stored_exception();
  finish_exception(error ? error : std::make_exception_ptr(CancelledError()));
}

void GatherCore::finish_all() {
  if (cancel_requested_) {
    for (std::size_t i = 0; i < count_; ++i) child(i).mark_retrieved();
    std::exception_ptr error = last_->cancelled() ? last_->stored_exception() : nullptr;
    return finish_exception(error ? error : std::make_exception_ptr(CancelledError()));
  }
  last_ = {};  // so that its value can be moved out
  try {
    collect();
  } catch (...) {
    return finish_exception(std::current_exception());
  }
  finish_value();
}

}  // namespace heddle::asyncio::detail
