// local<T>: one value a thread and object.
//
//     threading::local<int> number;
//     number = 10;                              // of this thread
//     threading::Thread([&] { number.has_value(); /* false */ }).start();
//
// A thread's value is made when the thread first asks for it, and dies with the thread or with the
// local object. Thread-safe: each thread sees its own value. No thread may use the object while it
// is destroyed. Source: https://docs.python.org/3/library/threading.html#thread-local-data
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace heddle::threading {

namespace detail {

// The values of one local object, by thread.
class LocalValues {
 public:
  class Box {
   public:
    virtual ~Box() = default;
  };

  LocalValues();
  LocalValues(const LocalValues&) = delete;
  LocalValues& operator=(const LocalValues&) = delete;
  ~LocalValues();

  // The calling thread's box; null when it has none.
  Box* find() const noexcept;
  void put(std::unique_ptr<Box> box);
  void erase() noexcept;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace detail

template <class T>
class local {
 public:
  // Each thread's value begins as T().
  local() = default;
  local(const local&) = delete;
  local& operator=(const local&) = delete;

  // True when this thread has a value: Python's hasattr().
  bool has_value() const noexcept { return values_.find() != nullptr; }

  // This thread's value, made now if it has none.
  T& get() {
    if (auto* box = values_.find()) return static_cast<Holder*>(box)->value;
    auto made = std::make_unique<Holder>();
    T& value = made->value;
    values_.put(std::move(made));
    return value;
  }
  T& operator*() { return get(); }
  T* operator->() { return &get(); }

  // Gives this thread a value.
  local& operator=(T value) {
    get() = std::move(value);
    return *this;
  }

  // Destroys this thread's value.
  void reset() noexcept { values_.erase(); }

 private:
  struct Holder final : detail::LocalValues::Box {
    T value{};
  };

  detail::LocalValues values_;
};

}  // namespace heddle::threading
