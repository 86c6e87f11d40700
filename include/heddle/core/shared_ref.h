// SharedRef<T>: shared ownership of objects that threads pass to each other.
//
// The count lives in the object, so a handle is one pointer and an object one allocation. What
// never leaves its loop uses Ref<T>, whose count is not atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace heddle {

// Base of what SharedRef<T> counts. The last SharedRef calls T::destroy(). Thread-safe.
class SharedCounted {
 public:
  SharedCounted(const SharedCounted&) = delete;  // others point at it
  SharedCounted& operator=(const SharedCounted&) = delete;

  // relaxed: who retains holds a reference already, which keeps the object alive.
  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  // True when this was the last reference.
  bool release() noexcept {
    // A count of one is the caller's own: nobody else can raise it. acquire, here and below: what
    // the other holders did to the object comes before its end; release: what this holder did, as
    // well.
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  std::uint32_t use_count() const noexcept { return count_.load(std::memory_order_relaxed); }

 protected:
  // references: how many there are that were not counted one by one; see SharedRef::adopt().
  explicit SharedCounted(std::uint32_t references = 0) noexcept : count_(references) {}
  ~SharedCounted() = default;

 private:
  std::atomic<std::uint32_t> count_;
};

// A counted pointer. Different SharedRefs to one object may be used by different threads at once;
// one SharedRef may not.
template <class T>
class SharedRef {
 public:
  SharedRef() = default;
  explicit SharedRef(T* object) noexcept : object_(object) {
    if (object_ != nullptr) object_->retain();
  }
  SharedRef(const SharedRef& other) noexcept : SharedRef(other.object_) {}
  SharedRef(SharedRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires(!std::is_same_v<U, T> && std::is_convertible_v<U*, T*>)
  SharedRef(const SharedRef<U>& other) noexcept : SharedRef(other.get()) {}
  template <class U>
    requires(!std::is_same_v<U, T> && std::is_convertible_v<U*, T*>)
  SharedRef(SharedRef<U>&& other) noexcept : object_(other.detach()) {}
  SharedRef& operator=(SharedRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~SharedRef() {
    if (object_ != nullptr && object_->release()) object_->destroy();
  }

  // Takes over a reference that detach() gave up.
  static SharedRef adopt(T* object) noexcept {
    SharedRef ref;
    ref.object_ = object;
    return ref;
  }
  // Gives the reference up without releasing it.
  T* detach() noexcept { return std::exchange(object_, nullptr); }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const SharedRef& a, const SharedRef& b) noexcept {
    return a.object_ == b.object_;
  }

 private:
  T* object_ = nullptr;
};

}  // namespace heddle
