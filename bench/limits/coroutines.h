// The cheapest coroutines that could be written by hand: frames from free lists, symmetric
// transfer, an intrusive ready queue; no exceptions, no cancellation, no context, no names. A
// floor, not a design.
#pragma once

#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

namespace limits {

// Free lists of blocks, one for each size in steps of 64 bytes.
class FramePool {
 public:
  static void* take(std::size_t size) {
    std::size_t index = (size + step - 1) / step;
    if (index >= classes) return std::malloc(size);
    if (void* block = heads[index]) {
      heads[index] = *static_cast<void**>(block);
      return block;
    }
    return std::malloc(index * step);
  }
  static void give(void* block, std::size_t size) {
    std::size_t index = (size + step - 1) / step;
    if (index >= classes) return std::free(block);
    *static_cast<void**>(block) = heads[index];
    heads[index] = block;
  }

 private:
  static constexpr std::size_t step = 64;
  static constexpr std::size_t classes = 16;
  static inline thread_local void* heads[classes] = {};
};

struct Pooled {
  static void* operator new(std::size_t size) { return FramePool::take(size); }
  static void operator delete(void* block, std::size_t size) { FramePool::give(block, size); }
  void unhandled_exception() { std::abort(); }
};

// A place in a list of what waits or is ready.
struct Node {
  Node* next = nullptr;
  std::coroutine_handle<> coroutine;
};

class List {
 public:
  bool empty() const { return head_ == nullptr; }
  void push(Node& node) {
    node.next = nullptr;
    *tail_ = &node;
    tail_ = &node.next;
  }
  Node& pop() {
    Node& node = *head_;
    head_ = node.next;
    if (head_ == nullptr) tail_ = &head_;
    return node;
  }

 private:
  Node* head_ = nullptr;
  Node** tail_ = &head_;
};

inline List ready;
inline void run_ready() {
  while (!ready.empty()) ready.pop().coroutine.resume();
}

struct Yield {
  Node node;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    node.coroutine = handle;
    ready.push(node);
  }
  void await_resume() const {}
};

// Goes on with whoever awaits.
struct Return {
  bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> handle) const noexcept {
    return handle.promise().awaiting;
  }
  void await_resume() const noexcept {}
};

// Begins at once and belongs to nobody.
struct Root {
  struct promise_type : Pooled {
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
  };
};

// Runs while it is awaited.
class Coro {
 public:
  struct promise_type : Pooled {
    Coro get_return_object() {
      return Coro(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Return final_suspend() noexcept { return {}; }
    void return_value(long x) { value = x; }
    std::coroutine_handle<> awaiting;
    long value = 0;
  };

  explicit Coro(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Coro(Coro&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Coro() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  long await_resume() const { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

// Begins from the ready queue, and its awaiter goes on from there.
class Task {
 public:
  struct promise_type : Pooled {
    struct Start {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> handle) const noexcept {
        handle.promise().node.coroutine = handle;
        ready.push(handle.promise().node);
      }
      void await_resume() const noexcept {}
    };
    struct End {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> handle) const noexcept {
        promise_type& promise = handle.promise();
        promise.done = true;
        if (!promise.awaiting) return;
        promise.node.coroutine = promise.awaiting;
        ready.push(promise.node);
      }
      void await_resume() const noexcept {}
    };
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    Start initial_suspend() noexcept { return {}; }
    End final_suspend() noexcept { return {}; }
    void return_value(long x) { value = x; }
    Node node;
    std::coroutine_handle<> awaiting;
    long value = 0;
    bool done = false;
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const { return handle_.promise().done; }
  void await_suspend(std::coroutine_handle<> awaiting) { handle_.promise().awaiting = awaiting; }
  long await_resume() const { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

// An indexed 4-ary heap of deadlines.
class TimerHeap {
 public:
  struct Timer {
    std::uint64_t when = 0;
    std::uint32_t place = 0;
    std::coroutine_handle<> coroutine;
  };
  bool empty() const { return heap_.empty(); }
  Timer& first() { return *heap_[0].timer; }
  void insert(Timer& timer) {
    heap_.push_back({timer.when, &timer});
    up(heap_.size() - 1);
  }
  void remove(Timer& timer) {
    std::size_t hole = timer.place;
    Entry last = heap_.back();
    heap_.pop_back();
    if (hole >= heap_.size()) return;
    put(hole, last);
    up(hole);
    down(last.timer->place);
  }

 private:
  struct Entry {
    std::uint64_t when;
    Timer* timer;
  };
  void put(std::size_t i, Entry entry) {
    heap_[i] = entry;
    entry.timer->place = static_cast<std::uint32_t>(i);
  }
  void up(std::size_t i) {
    Entry entry = heap_[i];
    while (i > 0 && heap_[(i - 1) / 4].when > entry.when) {
      put(i, heap_[(i - 1) / 4]);
      i = (i - 1) / 4;
    }
    put(i, entry);
  }
  void down(std::size_t i) {
    Entry entry = heap_[i];
    for (std::size_t child = i * 4 + 1; child < heap_.size(); child = i * 4 + 1) {
      std::size_t end = child + 4 < heap_.size() ? child + 4 : heap_.size();
      std::size_t least = child;
      for (std::size_t k = child + 1; k < end; ++k) {
        if (heap_[k].when < heap_[least].when) least = k;
      }
      if (heap_[least].when >= entry.when) break;
      put(i, heap_[least]);
      i = least;
    }
    put(i, entry);
  }

  std::vector<Entry> heap_;
};

}  // namespace limits
