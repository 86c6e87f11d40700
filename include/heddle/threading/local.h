// local<T>: one value a thread and object.
//
//     threading::local<int> number;
//     number = 10;                              // of this thread
//     threading::Thread([&] { number.has_value(); /* false */ }).start();
//
//     threading::local<Connection> connection("db.example", 5432);   // one a thread, made of these
//     threading::local<Parser> parser([] { return Parser(options()); });
//
// A thread's value is made when the thread first asks for it, of the same arguments in each (as
// Python calls the __init__ of a subclass again), and dies with the thread or with the local
// object. Finding it costs the same however many locals there are. Thread-safe: each thread sees
// its own value. No thread may use the object while it is destroyed. Source:
// https://docs.python.org/3/library/threading.html#thread-local-data
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <type_traits>
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
  // In place of the one it may have.
  void put(std::unique_ptr<Box> box);
  void erase() noexcept;

  struct Place;  // of one thread

 private:
  std::size_t slot_;
  std::uint64_t id_;  // no other local object has or had it
  Place* first_ = nullptr;
};

}  // namespace detail

template <class T>
class local {
 public:
  // Each thread's value begins as T().
  local() = default;
  // Each thread's value is made as T(args...), of copies that are kept here.
  template <class... Args>
    requires(sizeof...(Args) > 0 && std::is_constructible_v<T, const Args&...>)
  explicit local(Args... args) : maker_(new OfArguments<Args...>(std::move(args)...)) {}
  // Each thread's value is what factory() gives, called on that thread.
  template <class F>
    requires(!std::is_constructible_v<T, const F&> && std::is_invocable_v<const F&>)
  explicit local(F factory) : maker_(new OfFactory<F>(std::move(factory))) {}
  local(const local&) = delete;
  local& operator=(const local&) = delete;

  // True when this thread has a value: Python's hasattr().
  bool has_value() const noexcept { return values_.find() != nullptr; }

  // This thread's value, made now if it has none.
  T& get() {
    if (auto* box = values_.find()) return static_cast<Holder*>(box)->value;
    return keep(make());
  }
  T& operator*() { return get(); }
  T* operator->() { return &get(); }

  // Gives this thread a value.
  local& operator=(T value) {
    if (auto* box = values_.find()) {
      static_cast<Holder*>(box)->value = std::move(value);
    } else {
      keep(std::make_unique<Holder>([&]() -> T { return std::move(value); }));
    }
    return *this;
  }

  // Destroys this thread's value.
  void reset() noexcept { values_.erase(); }

 private:
  struct Holder final : detail::LocalValues::Box {
    template <class Make>
    explicit Holder(const Make& make) : value(make()) {}
    T value;
  };

  // How a thread's value is made.
  class Maker {
   public:
    virtual ~Maker() = default;
    virtual std::unique_ptr<Holder> make() const = 0;
  };
  template <class... Args>
  class OfArguments final : public Maker {
   public:
    explicit OfArguments(Args... args) : args_(std::move(args)...) {}
    std::unique_ptr<Holder> make() const override {
      return std::make_unique<Holder>(
          [this] { return std::apply([](const Args&... args) { return T(args...); }, args_); });
    }

   private:
    std::tuple<Args...> args_;
  };
  template <class F>
  class OfFactory final : public Maker {
   public:
    explicit OfFactory(F factory) : factory_(std::move(factory)) {}
    std::unique_ptr<Holder> make() const override { return std::make_unique<Holder>(factory_); }

   private:
    F factory_;
  };

  std::unique_ptr<Holder> make() const {
    if constexpr (std::is_default_constructible_v<T>) {
      if (!maker_) return std::make_unique<Holder>([] { return T(); });
    }
    return maker_->make();
  }
  T& keep(std::unique_ptr<Holder> made) {
    T& value = made->value;
    values_.put(std::move(made));
    return value;
  }

  std::unique_ptr<Maker> maker_;  // null: T()
  detail::LocalValues values_;
};

}  // namespace heddle::threading
