#include "core/fork.h"

#include <pthread.h>

#include <array>
#include <cstdlib>

namespace heddle::core {

namespace {

constinit std::atomic<std::uint32_t> generation{0};
constinit std::array<std::atomic<ForkHandler*>, 16> handlers{};
constinit std::atomic<std::size_t> handler_count{0};

void before() {
  for (std::size_t i = handler_count.load(); i > 0; --i) handlers[i - 1].load()->before();
}

void after_in_parent() {
  for (std::size_t i = 0; i < handler_count.load(); ++i) handlers[i].load()->after_in_parent();
}

void after_in_child() {
  generation.fetch_add(1, std::memory_order_relaxed);  // there is no other thread yet
  for (std::size_t i = 0; i < handler_count.load(); ++i) handlers[i].load()->after_in_child();
}

// The one place of pthread_atfork.
struct Install {
  Install() { ::pthread_atfork(before, after_in_parent, after_in_child); }
} install;

}  // namespace

// relaxed: it changes only while the process has one thread, and threads that are made later see
// what their maker saw.
std::uint32_t fork_generation() noexcept { return generation.load(std::memory_order_relaxed); }

void add_fork_handler(ForkHandler& handler) noexcept {
  std::size_t count = handler_count.load();
  if (count == handlers.size()) std::abort();
  handlers[count].store(&handler);
  handler_count.store(count + 1);
}

}  // namespace heddle::core
