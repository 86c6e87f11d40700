#include <heddle/core/context_var.h>

#include <atomic>
#include <vector>

namespace heddle {

namespace detail {

// Shared by every context that copied it, also on other threads, and never changed while shared.
struct ContextMap {
  struct Entry {
    const void* variable;
    ContextValue value;
  };

  std::atomic<std::uint32_t> count{1};
  std::vector<Entry> entries;
};

}  // namespace detail

Context& detail::context_of_thread() noexcept {
  static constinit thread_local Context context;
  return context;
}

void Context::retain() noexcept {
  // Relaxed: the copy was reached through another context, which keeps the map alive meanwhile.
  map_->count.fetch_add(1, std::memory_order_relaxed);
}

void Context::release() noexcept {
  // acq_rel: the last owner must see what the others did with the map before it frees it.
  if (map_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) delete map_;
  map_ = nullptr;
}

std::size_t Context::size() const noexcept { return map_ == nullptr ? 0 : map_->entries.size(); }

const detail::ContextValue* Context::find(const void* variable) const noexcept {
  if (map_ == nullptr) return nullptr;
  for (const auto& entry : map_->entries) {
    if (entry.variable == variable) return &entry.value;
  }
  return nullptr;
}

void Context::assign(const void* variable, detail::ContextValue value) {
  auto changed = std::make_unique<detail::ContextMap>();
  if (map_ != nullptr) {
    changed->entries.reserve(map_->entries.size() + 1);
    for (const auto& entry : map_->entries) {
      if (entry.variable != variable) changed->entries.push_back(entry);
    }
  }
  if (value) changed->entries.push_back({variable, std::move(value)});
  if (map_ != nullptr) release();
  map_ = changed->entries.empty() ? nullptr : changed.release();
}

}  // namespace heddle
