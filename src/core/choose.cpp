#include <heddle/core/choose.h>

namespace heddle {

namespace {
constinit thread_local ChoiceSource* source_of_thread = nullptr;
}  // namespace

ChoiceSource* choice_source() noexcept { return source_of_thread; }

ChoiceSource* set_choice_source(ChoiceSource* source) noexcept {
  ChoiceSource* former = source_of_thread;
  source_of_thread = source;
  return former;
}

std::uint32_t choose(std::uint32_t n, const char* site) {
  return source_of_thread == nullptr ? 0 : source_of_thread->choose(n, site);
}

}  // namespace heddle
