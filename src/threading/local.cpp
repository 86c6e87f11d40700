#include <heddle/threading/local.h>
#include <heddle/threading/lock.h>

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace heddle::threading::detail {

// Owned by the local object; threads only hold it weakly.
struct LocalValues::State {
  std::uint64_t id = 0;
  Lock mutex;
  std::unordered_map<const void*, std::unique_ptr<Box>> by_thread;
};

namespace {

std::atomic<std::uint64_t> last_id{0};

// What one thread has: where to find its values, and whom to tell when it ends.
struct ThreadValues {
  struct Entry {
    std::uint64_t id;
    LocalValues::Box* box;
    std::weak_ptr<LocalValues::State> state;
  };

  ~ThreadValues() {
    // A value's destructor may make values of other locals: go on until none is left.
    while (!entries.empty()) {
      Entry entry = std::move(entries.back());
      entries.pop_back();
      drop(entry);
    }
  }
  void drop(Entry& entry) const noexcept {
    std::unique_ptr<LocalValues::Box> dying;  // outside of the lock
    if (auto state = entry.state.lock()) {
      std::lock_guard lock(state->mutex);
      auto found = state->by_thread.find(this);
      if (found == state->by_thread.end()) return;
      dying = std::move(found->second);
      state->by_thread.erase(found);
    }
  }
  std::vector<Entry> entries;
};

ThreadValues& this_thread() {
  static thread_local ThreadValues values;
  return values;
}

}  // namespace

LocalValues::LocalValues() : state_(std::make_shared<State>()) {
  state_->id = last_id.fetch_add(1, std::memory_order_relaxed) + 1;
}

LocalValues::~LocalValues() = default;

LocalValues::Box* LocalValues::find() const noexcept {
  for (const auto& entry : this_thread().entries) {
    if (entry.id == state_->id) return entry.box;
  }
  return nullptr;
}

void LocalValues::put(std::unique_ptr<Box> box) {
  ThreadValues& thread = this_thread();
  std::erase_if(thread.entries, [](const auto& entry) { return entry.state.expired(); });
  thread.entries.push_back({state_->id, box.get(), state_});
  std::lock_guard lock(state_->mutex);
  state_->by_thread[&thread] = std::move(box);
}

void LocalValues::erase() noexcept {
  ThreadValues& thread = this_thread();
  for (std::size_t i = 0; i < thread.entries.size(); ++i) {
    if (thread.entries[i].id != state_->id) continue;
    auto entry = std::move(thread.entries[i]);
    thread.entries.erase(thread.entries.begin() + static_cast<std::ptrdiff_t>(i));
    thread.drop(entry);
    return;
  }
}

}  // namespace heddle::threading::detail
