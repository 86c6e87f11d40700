// ContextVar<T>: a variable whose value belongs to the running task, callback or thread.
//
//     heddle::ContextVar<std::string> request("request", "none");
//     auto token = request.set("GET /");      // seen by everything this task awaits
//     request.get();                          // "GET /"
//     request.reset(token);
//
// A task starts with a copy of the context of its creator, so what it sets stays its own; a
// directly awaited coroutine shares its caller's. Copying a context is a reference count, and free
// while no variable was ever set. Thread-safe: each thread has a current context of its own, and
// contexts are values that may cross threads. Source:
// https://docs.python.org/3/library/contextvars.html
#pragma once

#include <heddle/core/error.h>
#include <heddle/detail/thread_state.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace heddle {

template <class T>
class ContextVar;

namespace detail {
struct ContextMap;  // immutable: variables with their values

using ContextValue = std::shared_ptr<const void>;
}  // namespace detail

// A set of variables with their values.
class Context {
 public:
  Context() noexcept = default;
  Context(const Context& other) noexcept : map_(other.map_) {
    if (map_ != nullptr) retain();
  }
  Context(Context&& other) noexcept : map_(std::exchange(other.map_, nullptr)) {}
  Context& operator=(Context other) noexcept {
    std::swap(map_, other.map_);
    return *this;
  }
  ~Context() {
    if (map_ != nullptr) release();
  }

  // Calls function() with this context as the current one; what it sets stays in this context.
  template <class F>
  auto run(F&& function) {
    Entered entered(*this);
    return std::forward<F>(function)();
  }

  // The value of a variable in this context. Throws KeyError when it has none here (defaults do not
  // count).
  template <class T>
  const T& operator[](const ContextVar<T>& key) const;

  // True when no variable was ever set here: then copies cost nothing.
  bool never_set() const noexcept { return map_ == nullptr; }
  // How many variables have a value here.
  std::size_t size() const noexcept;

  // Makes a context the current one of this thread until the end of the scope. The context has to
  // live so long.
  class Entered {
   public:
    explicit Entered(Context& context) noexcept;
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    ~Entered();

   private:
    Context* former_;
  };

 private:
  template <class T>
  friend class ContextVar;

  const detail::ContextValue* find(const void* variable) const noexcept;
  void assign(const void* variable,
              detail::ContextValue value);  // an empty value removes the variable
  void retain() noexcept;
  void release() noexcept;

  detail::ContextMap* map_ = nullptr;  // null: no variable has a value
};

namespace detail {
Context& context_of_thread() noexcept;
}  // namespace detail

inline Context::Entered::Entered(Context& context) noexcept
    : former_(std::exchange(detail::thread_state.context, &context)) {}
inline Context::Entered::~Entered() { detail::thread_state.context = former_; }

// The context that the calling thread runs in now. Belongs to the thread: copy it, do not keep the
// reference.
inline Context& current_context() noexcept {
  Context* entered = detail::thread_state.context;
  return entered != nullptr ? *entered : detail::context_of_thread();
}

// A copy of the current context, as Python's contextvars.copy_context().
inline Context copy_context() { return current_context(); }

template <class T>
class ContextVar {
 public:
  // What set() returns and reset() takes: the variable's former value.
  class Token {
   public:
    // The value before set(); empty when there was none.
    std::optional<T> old_value() const {
      return former_ ? std::optional<T>(*static_cast<const T*>(former_.get())) : std::nullopt;
    }

   private:
    friend class ContextVar;
    Token(const ContextVar* variable, detail::ContextValue former)
        : variable_(variable), former_(std::move(former)) {}
    const ContextVar* variable_;
    detail::ContextValue former_;
    bool used_ = false;
  };

  // name: for messages. Create variables at namespace scope: a context keeps values by the
  // variable's address.
  explicit ContextVar(std::string name) : name_(std::move(name)) {}
  ContextVar(std::string name, T fallback)
      : name_(std::move(name)), default_(std::move(fallback)) {}
  ContextVar(const ContextVar&) = delete;
  ContextVar& operator=(const ContextVar&) = delete;

  const std::string& name() const noexcept { return name_; }

  // The value in the current context, else the variable's default. Throws LookupError when there is
  // neither.
  T get() const {
    if (const T* value = look()) return *value;
    if (default_) return *default_;
    throw LookupError("<ContextVar name='" + name_ +
                      "'> has no value in this context; set() it or give a default");
  }

  // The value in the current context, else `fallback`.
  T get(T fallback) const {
    const T* value = look();
    return value != nullptr ? *value : std::move(fallback);
  }

  // Gives the variable a value in the current context. Returns what reset() needs to undo it.
  Token set(T value) {
    Context& context = current_context();
    const detail::ContextValue* former = context.find(this);
    Token token(this, former != nullptr ? *former : detail::ContextValue());
    context.assign(this, std::make_shared<const T>(std::move(value)));
    return token;
  }

  // Back to the value before the set() that returned `token`. Throws RuntimeError for a token used
  // before, ValueError for a token of another variable.
  void reset(Token& token) {
    if (token.variable_ != this) {
      throw ValueError("<Token> was created by a different ContextVar than '" + name_ + "'");
    }
    if (token.used_)
      throw RuntimeError("<Token> of ContextVar '" + name_ + "' has already been used once");
    token.used_ = true;
    current_context().assign(this, token.former_);
  }

 private:
  friend class Context;

  const T* look() const noexcept {
    const detail::ContextValue* value = current_context().find(this);
    return value != nullptr ? static_cast<const T*>(value->get()) : nullptr;
  }

  std::string name_;
  std::optional<T> default_;
};

template <class T>
const T& Context::operator[](const ContextVar<T>& key) const {
  const detail::ContextValue* value = find(&key);
  if (value == nullptr)
    throw KeyError("<ContextVar name='" + key.name() + "'> is not set in this context");
  return *static_cast<const T*>(value->get());
}

}  // namespace heddle
