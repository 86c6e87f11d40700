#include <heddle/asyncio/to_thread.h>

#include "asyncio/loop_core.h"
#include "asyncio/scope_core.h"

namespace heddle::asyncio {

namespace detail {

// The concurrent future's callback: runs in whatever thread finishes it, and only posts.
class Delivery final : public futures::FutureCore::Callback {
 public:
  Delivery(std::shared_ptr<BridgeCore::Address> address, EventLoop loop)
      : address_(std::move(address)), loop_(std::move(loop)) {}
  void call(futures::FutureCore&) override {
    try {
      loop_.call_soon_threadsafe([address = std::move(address_)] {
        if (address->bridge != nullptr) address->bridge->deliver();
      });
    } catch (const RuntimeError&) {
      // The loop is closed: nobody waits for the outcome any more.
    }
  }

 private:
  std::shared_ptr<BridgeCore::Address> address_;
  EventLoop loop_;
};

void BridgeCore::start() {
  address_ = std::make_shared<Address>();
  auto delivery = std::make_unique<Delivery>(address_, EventLoop(loop().shared_from_this()));
  address_->bridge = this;
  retain();  // given back by let_go()
  loop().lingering().push_back(*this);
  loop().begin_external();
  waiting_ = true;
  try {
    source_->add_callback(std::move(delivery));
  } catch (...) {
    let_go();
    source_->cancel();
    throw;
  }
}

void BridgeCore::stop_waiting() noexcept {
  if (std::exchange(waiting_, false)) loop().end_external();
}

void BridgeCore::let_go() noexcept {
  stop_waiting();
  address_->bridge = nullptr;
  Lingering::unlink();
  Ref<BridgeCore>::adopt(this);
}

bool BridgeCore::cancel(const std::string& message) {
  if (!FutureCore::cancel(message)) return false;
  stop_waiting();
  source_->cancel();
  return true;
}

void BridgeCore::deliver() {
  Ref<BridgeCore> keeps_alive(this);
  let_go();
  if (done()) return;
  if (source_->cancelled()) return finish_cancelled(nullptr);
  try {
    std::exception_ptr failure = source_->exception(0);
    if (failure) return finish_exception(std::move(failure));
    copy_value(*source_);
  } catch (...) {
    return finish_exception(std::current_exception());
  }
  finish_value();
}

Coro<void> until_stopped(AnyFuture work, std::stop_source stop, OnCancel on_cancel) {
  SeesCancellation sees;
  Future<void> over;
  Future<void> watched(work.core());
  watched.add_done_callback([over](const Future<void>&) mutable {
    if (!over.done()) over.set_result();
  });
  std::exception_ptr cancelled;
  try {
    co_await over;
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return;
  stop.request_stop();
  if (on_cancel == OnCancel::wait && !work.done()) {
    ScopesHeld held;
    Future<void> returned;
    watched.add_done_callback([returned](const Future<void>&) mutable {
      if (!returned.done()) returned.set_result();
    });
    co_await returned;
  }
  work.cancel();
  if (work.done() && work.core()->failed()) work.core()->mark_retrieved();
  std::rethrow_exception(cancelled);
}

}  // namespace detail

}  // namespace heddle::asyncio
