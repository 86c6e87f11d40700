// ProcessPoolExecutor: runs work on a pool of processes.
//
//     int main(int argc, char** argv) {
//       multiprocessing::init(argc, argv);
//       futures::ProcessPoolExecutor pool(4);
//       auto count = pool.submit(count_words, text);        // a function and its arguments, which
//       are encoded for (int n : pool.map(count_words, texts)) ...
//     }
//
// Functions and callables without captures can be sent, with arguments and results that
// multiprocessing/codec.h knows. Exceptions come back with their type and text. When a worker dies,
// the job that it ran fails with BrokenProcessPool, which says how; other jobs go on, on other
// workers. Workers ignore Ctrl-C, which reaches the whole process group, and end with their parent.
// Differs from Python: a dead worker does not break the pool, unless the options say strict().
// Source: https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
#pragma once

#include <heddle/futures/executor.h>
#include <heddle/multiprocessing/remote_call.h>
#include <heddle/multiprocessing/remote_exception.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle::futures {

// A worker died while it ran the job; of a strict pool: any worker.
class BrokenProcessPool : public BrokenExecutor {
 public:
  using BrokenExecutor::BrokenExecutor;
};

// Options of a ProcessPoolExecutor.
struct ProcessPoolOptions {
  bool strict = false;  // as in Python: a worker that dies fails all pending and later work
};

// Options of map().
struct MapOptions {
  std::size_t chunksize = 1;  // elements that travel together
};

// A call that can be sent to a worker.
class RemoteJob : public Job {
 public:
  explicit RemoteJob(multiprocessing::RemoteCall call) : call_(std::move(call)) {}
  std::string encoded_call() const { return call_.encode(); }
  // The worker's answer: completes the future.
  virtual void succeed(std::string_view result) noexcept = 0;
  void fail(std::exception_ptr exception) noexcept {
    future().finish_unless_done(std::move(exception));
  }
  // Not called: such a job does not run in this process.
  void run() noexcept final {}

 private:
  multiprocessing::RemoteCall call_;
};

namespace detail {

template <class R>
class TypedRemoteJob final : public RemoteJob {
 public:
  TypedRemoteJob(Future<R> future, multiprocessing::RemoteCall call)
      : RemoteJob(std::move(call)), future_(std::move(future)) {}
  FutureCore& future() noexcept override { return *future_.state(); }
  void succeed(std::string_view result) noexcept override {
    try {
      if constexpr (std::is_void_v<R>) {
        future_.set_result();
      } else {
        future_.set_result(multiprocessing::decode<R>(result));
      }
    } catch (...) {
      fail(std::current_exception());
    }
  }

 private:
  Future<R> future_;
};

// What runs a chunk of map() in the worker.
template <class F, class... Args>
auto call_all(F function, std::vector<std::tuple<Args...>> chunk) {
  using R = std::decay_t<std::invoke_result_t<F&, Args...>>;
  std::vector<std::conditional_t<std::is_void_v<R>, std::monostate, R>> results;
  results.reserve(chunk.size());
  for (auto& arguments : chunk) {
    if constexpr (std::is_void_v<R>) {
      std::apply(function, std::move(arguments));
      results.emplace_back();
    } else {
      results.push_back(std::apply(function, std::move(arguments)));
    }
  }
  return results;
}

template <class F, class... Args>
auto call_each(std::vector<std::tuple<Args...>> chunk) {
  return call_all(F{}, std::move(chunk));
}

template <class R, class... Args>
auto call_pointer_each(std::uint64_t offset, std::vector<std::tuple<Args...>> chunk) {
  auto function = reinterpret_cast<R (*)(Args...)>(
      const_cast<void*>(multiprocessing::detail::at_offset(offset)));
  return call_all(function, std::move(chunk));
}

}  // namespace detail

class ProcessPoolExecutor final : public Executor {
 public:
  // As many workers as CPUs at most, started as work comes in and none is idle. Throws RuntimeError
  // when multiprocessing::init() was not called.
  explicit ProcessPoolExecutor(ProcessPoolOptions options = {});
  // At most `max_workers`. Throws ValueError "max_workers must be greater than 0".
  explicit ProcessPoolExecutor(std::ptrdiff_t max_workers, ProcessPoolOptions options = {});
  ~ProcessPoolExecutor() override;

  // Runs function(args...) in a worker. What cannot be sent is a compile-time error that says what
  // to do. Throws RuntimeError after shutdown(), BrokenProcessPool when it is broken. A future
  // whose call has been sent is running and cannot be cancelled. Thread-safe.
  template <class F, class... Args>
  auto submit(F&& function, Args&&... args) {
    using Function = std::decay_t<F>;
    static_assert(multiprocessing::detail::can_travel<Function>(),
                  "a lambda with captures cannot be sent to another process: pass what it captures "
                  "as arguments, "
                  "submit([](int x) { ... }, x), or use a function");
    if constexpr (multiprocessing::detail::can_travel<Function>()) {
      using R = std::decay_t<std::invoke_result_t<Function, std::decay_t<Args>...>>;
      Future<R> future;
      auto call =
          multiprocessing::RemoteCall::make<Function, std::decay_t<Args>...>(function, args...);
      schedule(std::make_unique<detail::TypedRemoteJob<R>>(future, std::move(call)));
      return future;
    }
  }

  // Calls function on the elements of the range, in chunks that travel together; results in order.
  // An exception fails its chunk. Throws as submit(), ValueError "chunksize must be >= 1.".
  template <class F, class Range>
  auto map(F function, const Range& range, MapOptions options = {}) {
    using Element = std::decay_t<std::iter_reference_t<decltype(std::begin(range))>>;
    using R = std::decay_t<std::invoke_result_t<F&, Element>>;
    if (options.chunksize < 1) throw ValueError("chunksize must be >= 1.");
    std::vector<Future<R>> futures;
    std::vector<std::tuple<Element>> chunk;
    for (const auto& element : range) {
      chunk.emplace_back(element);
      if (chunk.size() == options.chunksize)
        send_chunk<R>(function, std::exchange(chunk, {}), futures);
    }
    if (!chunk.empty()) send_chunk<R>(function, std::move(chunk), futures);
    return MapResults<R>(std::move(futures));
  }

  // For RemoteJobs; another job fails with TypeError through its future.
  void schedule(std::unique_ptr<Job> job) override;
  void shutdown(ShutdownOptions options = {}) override;

  struct Pool;

 private:
  template <class R, class F, class... Args>
  void send_chunk(F function, std::vector<std::tuple<Args...>> chunk,
                  std::vector<Future<R>>& futures) {
    std::vector<Future<R>> members(chunk.size());
    futures.insert(futures.end(), members.begin(), members.end());
    auto distribute = [members](auto done) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (!members[i].set_running_or_notify_cancel()) continue;
        try {
          if constexpr (std::is_void_v<R>) {
            done.result();
            members[i].set_result();
          } else {
            members[i].set_result(done.result()[i]);
          }
        } catch (...) {
          members[i].state()->finish_unless_done(std::current_exception());
        }
      }
    };
    if constexpr (std::is_pointer_v<F>) {
      using Raw = std::invoke_result_t<F, Args...>;
      auto offset = multiprocessing::detail::offset_of(reinterpret_cast<const void*>(function));
      submit(&detail::call_pointer_each<Raw, Args...>, offset, std::move(chunk))
          .add_done_callback(distribute);
    } else {
      static_assert(multiprocessing::detail::can_travel<F>(),
                    "a lambda with captures cannot be sent to another process: pass what it "
                    "captures in the elements");
      submit(&detail::call_each<F, Args...>, std::move(chunk)).add_done_callback(distribute);
    }
  }

  std::shared_ptr<Pool> pool_;
};

}  // namespace heddle::futures
