#include <heddle/asyncio/handle.h>
#include <heddle/core/type_name.h>

#include "asyncio/loop_core.h"
#include "core/text.h"

namespace heddle::asyncio::detail {

StepLabel::StepLabel() noexcept = default;
StepLabel::StepLabel(StepLabel&&) noexcept = default;
StepLabel::~StepLabel() = default;

StepLabel ReadyNode::label() { return {}; }

HandleCore::~HandleCore() = default;

StepLabel HandleCore::label() {
  StepLabel label;
  label.handle = Ref<HandleCore>(this);
  return label;
}

std::string HandleCore::describe() const {
  std::string name = type_name(callable_type());
  if (place_.line() == 0) return core::text({"<Handle ", name, ">"});
  return core::text({"<Handle ", name, " created at ", place_.file_name(), ":",
                     std::to_string(place_.line()), ">"});
}

void HandleCore::run() {
  Ref<HandleCore> self = repeating_ ? Ref<HandleCore>(this) : Ref<HandleCore>::adopt(this);
  if (repeating_) release();  // the queue's reference; `self` holds on
  if (cancelled_) return;
  Context::Entered entered(context_);
  struct Calling {
    HandleCore& handle;
    ~Calling() { handle.calling_ = false; }
  };
  try {
    calling_ = true;
    Calling until_it_returns{*this};
    call();
  } catch (const KeyboardInterrupt&) {
    throw;
  } catch (const SystemExit&) {
    throw;
  } catch (...) {
    loop_->report(ExceptionContext::about("Exception in callback " + type_name(callable_type()),
                                          std::current_exception(), *this,
                                          "catch it in the callback; the loop goes on"));
  }
  // What it holds is not needed any more, even if a handle is kept.
  if (!repeating_ || cancelled_) forget();
}

void HandleCore::drop() noexcept {
  cancelled_ = true;
  forget();
  Ref<HandleCore>::adopt(this);
}

void HandleCore::cancel() noexcept {
  if (cancelled_) return;
  cancelled_ = true;
  Ref<HandleCore> self(this);
  bool queued = armed() || linked();
  disarm();
  if (!calling_) forget();  // a callback that cancels itself is in use until it returns
  if (queued) release();
}

}  // namespace heddle::asyncio::detail
