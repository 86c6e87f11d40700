#include <heddle/asyncio/shield.h>

#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

void ShieldCore::start() {
  retain();  // given back when the inner future is done
  loop().lingering().push_back(*this);
  inner_->add_waiter(*this);
}

void ShieldCore::done(FutureCore& inner) noexcept { inner.loop().push(*this); }

void ShieldCore::drop() noexcept { let_go(); }

void ShieldCore::let_go() noexcept {
  static_cast<Lingering*>(this)->unlink();
  Ref<ShieldCore> self = Ref<ShieldCore>::adopt(this);
  static_cast<DoneWaiter*>(this)->unlink();
  static_cast<ReadyNode*>(this)->unlink();
  inner_ = {};
}

void ShieldCore::run() {
  static_cast<Lingering*>(this)->unlink();
  Ref<ShieldCore> keeps_alive = Ref<ShieldCore>::adopt(this);
  Ref<FutureCore> inner = std::move(inner_);
  if (cancelled()) {
    if (!inner->failed()) return;
    inner->mark_retrieved();
    loop().report(
        {inner->describe() + " exception in shielded future",
         inner->stored_exception(),
         {},
         "the task that awaited it was cancelled; await the work itself to see its errors"});
    return;
  }
  if (inner->cancelled()) return finish_cancelled(inner->stored_exception());
  if (inner->failed()) return finish_exception(inner->exception());
  try {
    copy_value(*inner);
  } catch (...) {
    return finish_exception(std::current_exception());
  }
  finish_value();
}

}  // namespace heddle::asyncio::detail
