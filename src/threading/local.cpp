#include <heddle/threading/local.h>

#include <mutex>
#include <vector>

#include "threading/thread_core.h"
#include "threading/thread_end.h"

namespace heddle::threading::detail {

// Owned by its thread's table. While it has a box, it is in the list of the local object `id`;
// links and box are guarded by process_lock() then. The table finds it without the lock: nobody
// else writes `id`, and only the end of the local object empties the box, when no thread may look.
struct LocalValues::Place {
  std::uint64_t id = 0;
  std::unique_ptr<Box> box;
  Place* next = nullptr;
  Place* previous = nullptr;
  Place** first = nullptr;  // the head of the list

  // REQUIRES of both: the lock is held.
  void link(Place*& head) noexcept {
    first = &head;
    previous = nullptr;
    next = head;
    if (next != nullptr) next->previous = this;
    head = this;
  }
  std::unique_ptr<Box> unlink() noexcept {
    if (box) {
      (previous != nullptr ? previous->next : *first) = next;
      if (next != nullptr) next->previous = previous;
    }
    return std::move(box);
  }
};

namespace {

// Slots that died are used again, so that tables stay short. Guarded by process_lock().
struct Slots {
  std::vector<std::size_t> unused;
  std::size_t count = 0;
  std::uint64_t last_id = 0;
};

Slots& slots() {
  static auto* all = new Slots;
  return *all;
}

// The places of one thread, by slot.
using Table = std::vector<std::unique_ptr<LocalValues::Place>>;

constinit thread_local Table* table = nullptr;

void destroy_values(void*) {
  // The destructor of a value may make values of other locals: go on until none is left.
  while (!table->empty()) {
    std::unique_ptr<LocalValues::Place> place = std::move(table->back());
    table->pop_back();
    if (!place) continue;
    std::unique_ptr<LocalValues::Box> dying;  // outside of the lock
    std::lock_guard lock(process_lock());
    dying = place->unlink();
  }
  delete table;
  table = nullptr;
}

LocalValues::Place& place_in(std::size_t slot) {
  if (table == nullptr) {
    table = new Table;
    at_thread_end(destroy_values, nullptr);
  }
  if (table->size() <= slot) table->resize(slot + 1);
  auto& place = (*table)[slot];
  if (!place) place = std::make_unique<LocalValues::Place>();
  return *place;
}

}  // namespace

LocalValues::LocalValues() {
  std::lock_guard lock(process_lock());
  id_ = ++slots().last_id;
  if (slots().unused.capacity() <= slots().count) slots().unused.reserve(2 * slots().count + 8);
  if (slots().unused.empty()) {
    slot_ = slots().count++;
  } else {
    slot_ = slots().unused.back();
    slots().unused.pop_back();
  }
}

LocalValues::~LocalValues() {
  while (true) {
    std::unique_ptr<Box> dying;  // outside of the lock
    std::lock_guard lock(process_lock());
    if (first_ == nullptr) break;
    dying = first_->unlink();
  }
  std::lock_guard lock(process_lock());
  slots().unused.push_back(slot_);  // has room: see the constructor
}

LocalValues::Box* LocalValues::find() const noexcept {
  if (table == nullptr || table->size() <= slot_) return nullptr;
  const auto& place = (*table)[slot_];
  return place && place->id == id_ ? place->box.get() : nullptr;
}

void LocalValues::put(std::unique_ptr<Box> box) {
  Place& place = place_in(slot_);
  erase();
  std::lock_guard lock(process_lock());
  place.id = id_;
  place.box = std::move(box);
  place.link(first_);
}

void LocalValues::erase() noexcept {
  if (find() == nullptr) return;
  std::unique_ptr<Box> dying;  // outside of the lock
  std::lock_guard lock(process_lock());
  dying = (*table)[slot_]->unlink();
}

}  // namespace heddle::threading::detail
