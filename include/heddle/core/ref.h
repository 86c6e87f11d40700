// Ref<T>: shared ownership of objects that belong to one thread.
//
// The count lives in the object and is not atomic: tasks, futures and handles belong to one loop,
// and a loop to one thread. Objects that cross threads use SharedRef<T> (shared_ref.h).
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace heddle {

// Base of what Ref<T> counts. The last Ref calls T::destroy(), which by default deletes the object.
class Counted {
 public:
  Counted(const Counted&) = delete;  // others point at it
  Counted& operator=(const Counted&) = delete;

  void retain(std::uint32_t times = 1) noexcept { others_ += times; }
  // True when this was the last reference.
  bool release(std::uint32_t times = 1) noexcept {
    return std::exchange(others_, others_ - times) < times;
  }
  std::uint32_t use_count() const noexcept { return others_ + 1; }

 protected:
  Counted() = default;
  explicit Counted(std::uint32_t count) noexcept : others_(count - 1) {}
  ~Counted() = default;

 private:
  // References but one: so that a release is a subtraction and its borrow.
  std::uint32_t others_ = ~std::uint32_t{0};
};

// A counted pointer. Not thread-safe: all Refs to one object stay on one thread.
template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_ != nullptr) object_->retain();
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires(!std::is_same_v<U, T> && std::is_convertible_v<U*, T*>)
  Ref(const Ref<U>& other) noexcept : Ref(other.get()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && object_->release()) object_->destroy();
  }

  // Takes over a reference that detach() gave up.
  static Ref adopt(T* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // Gives the reference up without releasing it: to hand an object to another thread.
  T* detach() noexcept { return std::exchange(object_, nullptr); }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace heddle
