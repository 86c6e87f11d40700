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

bool GeneratorCore::begin_otherwise(Step step) { return begin_otherwise(step, nullptr); }

bool GeneratorCore::begin_otherwise(Step step, std::exception_ptr thrown) {
  if (running()) {
    throw RuntimeError(
        std::string(name_of(step)) +
        ": asynchronous generator is already running: await one step before the next");
  }
  if (finished()) {
    error_ = nullptr;  // of a step that nobody saw the end of
    return false;
  }
  if (!started() && step == Step::close) {
    place_ = Place::finished;  // nothing ran, so there is nothing to clean up
    return false;
  }
  if (!started() && step == Step::raise) {
    place_ = Place::finished;
    std::rethrow_exception(std::move(thrown));
  }
  if (!started()) running_loop_core().generators().push_back(*this);
  raises_ = step == Step::close || thrown != nullptr;
  thrown_ = std::move(thrown);
  place_ = Place::running;
  return true;
}

void GeneratorCore::raise() {
  raises_ = false;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  throw GeneratorExit();
}

void GeneratorCore::throw_error(Step step) {
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
