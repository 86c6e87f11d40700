#include <heddle/asyncio/async_generator.h>

#include "asyncio/exception_kind.h"
#include "asyncio/loop_core.h"

namespace heddle::asyncio::detail {

namespace {

const char* name_of(GeneratorCore::Step step) noexcept {
  switch (step) {
    case GeneratorCore::Step::next:
      return "anext()";
    case GeneratorCore::Step::send:
      return "asend()";
    case GeneratorCore::Step::raise:
      return "athrow()";
    case GeneratorCore::Step::close:
      return "aclose()";
  }
  return "";
}

}  // namespace

bool GeneratorCore::begin(Step step, std::exception_ptr thrown) {
  if (running_) {
    throw RuntimeError(
        std::string(name_of(step)) +
        ": asynchronous generator is already running: await one step before the next");
  }
  if (finished_) return false;
  if (!started_ && step == Step::close) {
    finished_ = true;  // nothing ran, so there is nothing to clean up
    return false;
  }
  if (!started_ && step == Step::raise) {
    finished_ = true;
    std::rethrow_exception(std::move(thrown));
  }
  if (!std::exchange(started_, true))
    heddle::detail::thread_state.loop->generators().push_back(*this);
  running_ = true;
  thrown_ = std::move(thrown);
  closing_ = step == Step::close;
  return true;
}

void GeneratorCore::leave(bool finished) noexcept {
  running_ = false;
  if (finished) {
    finished_ = true;
    ListLink::unlink();
  }
  heddle::detail::AwaitLink* consumer = std::exchange(link, nullptr);
  if (consumer->awaiter_suspended) heddle::detail::thread_state.next = consumer->awaiter;
}

void GeneratorCore::meet_thrown() {
  if (closing_) throw GeneratorExit();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void GeneratorCore::check_error(Step step) {
  if (!error_) return;
  std::exception_ptr error = std::exchange(error_, nullptr);
  if (step == Step::close &&
      (is_exactly<GeneratorExit>(error) || is_exactly<StopAsyncIteration>(error)))
    return;
  if (is_exactly<StopAsyncIteration>(error))
    throw RuntimeError("async generator raised StopAsyncIteration");
  std::rethrow_exception(std::move(error));
}

void GeneratorCore::throw_ignored_exit() {
  throw RuntimeError("async generator ignored GeneratorExit");
}

void GeneratorCore::require_unsent(bool started, bool sends) {
  if (!started && sends)
    throw TypeError("can't send non-None value to a just-started async generator");
}

}  // namespace heddle::asyncio::detail
