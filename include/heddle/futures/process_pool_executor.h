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

// A call that can be sent to a worker.
class RemoteJob {
 public:
  explicit RemoteJob(multiprocessing::RemoteCall call) noexcept : call_(std::move(call)) {}
  std::string encoded_call() const { return call_.encode(); }
  // The worker's answer: completes the future.
  virtual void succeed(std::string_view result) noexcept = 0;
  void fail(std::exception_ptr exception) noexcept {
    future().finish_unless_done(std::move(exception));
  }
  virtual FutureCore& future() noexcept = 0;

 protected:
  ~RemoteJob() = default;

 private:
  multiprocessing::RemoteCall call_;
};

// Gives up a share in the future of a job.
struct RemoteJobRelease {
  void operator()(RemoteJob* job) const noexcept { JobRef(&job->future()); }
};

using RemoteJobRef = std::unique_ptr<RemoteJob, RemoteJobRelease>;

namespace detail {

template <class R>
class TypedRemoteJob final : public FutureState<R>, public RemoteJob {
 public:
  // references: those of the pool and of the caller.
  TypedRemoteJob(std::uint32_t references, multiprocessing::RemoteCall call)
      : FutureState<R>(references), RemoteJob(std::move(call)) {}
  FutureCore& future() noexcept override { return *this; }
  void succeed(std::string_view result) noexcept override {
    try {
      if constexpr (std::is_void_v<R>) {
        this->set_value({});
      } else {
        this->set_value(multiprocessing::decode<R>(result));
      }
    } catch (...) {
      fail(std::current_exception());
    }
  }
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
  // to do. Throws RuntimeError after shutdown() and in a child of fork(), BrokenProcessPool when it
  // is broken. A future whose call has been sent is running and cannot be cancelled. Thread-safe.
  template <class F, class... Args>
  auto submit(F&& function, Args&&... args) {
    using Function = std::decay_t<F>;
    static_assert(multiprocessing::detail::can_travel<Function>(),
                  "a lambda with captures cannot be sent to another process: pass what it captures "
                  "as arguments, "
                  "submit([](int x) { ... }, x), or use a function");
    if constexpr (multiprocessing::detail::can_travel<Function>()) {
      using R = std::decay_t<std::invoke_result_t<Function, std::decay_t<Args>...>>;
      auto* job = new detail::TypedRemoteJob<R>(
          2, multiprocessing::RemoteCall::make<Function, std::decay_t<Args>...>(function, args...));
      Future<R> future(SharedRef<detail::FutureState<R>>::adopt(job));
      schedule(JobRef(job));
      return future;
    }
  }

  // Calls function on the elements of the range, in chunks that travel together; results in order.
  // An exception fails its chunk. Otherwise as Executor::map(); buffersize counts chunks.
  template <class F, detail::Iterable Range>
  auto map(F function, Range&& range, MapOptions options = {}) {
    using Feed = ChunkFeed<F, Range>;
    detail::MapLimits limits(options);
    return MapResults<typename Feed::Result>(
        limits,
        std::make_unique<Feed>(life(), function, std::forward<Range>(range), limits.chunksize()));
  }

  // For RemoteJobs; another job fails with TypeError through its future.
  void schedule(JobRef job) override;
  void shutdown(ShutdownOptions options = {}) override;

  struct Pool;

 private:
  // The chunks of a map().
  template <class F, class Range>
  class ChunkFeed final
      : public detail::MapFeed<std::decay_t<std::invoke_result_t<F&, detail::ElementOf<Range>>>> {
   public:
    using Element = detail::ElementOf<Range>;
    using Result = std::decay_t<std::invoke_result_t<F&, Element>>;
    ChunkFeed(std::shared_ptr<detail::ExecutorLife> life, F function, Range&& range,
              std::size_t chunksize)
        : life_(std::move(life)),
          function_(function),
          range_(std::forward<Range>(range)),
          next_(std::begin(range_)),
          end_(std::end(range_)),
          chunksize_(chunksize) {}

    bool submit_next(std::deque<Future<Result>>& futures) override {
      std::vector<std::tuple<Element>> chunk;
      while (!over_ && chunk.size() < chunksize_) {
        // The step to the next element is put off until it is wanted: it may be slow to come.
        if (std::exchange(begun_, true)) ++next_;
        over_ = !(next_ != end_);
        if (!over_) chunk.emplace_back(*next_);
      }
      if (chunk.empty()) return false;
      auto* pool = static_cast<Executor*>(life_->get());
      static_cast<ProcessPoolExecutor*>(pool)->template send_chunk<Result>(
          function_, std::move(chunk), futures);
      return true;
    }

   private:
    std::shared_ptr<detail::ExecutorLife> life_;
    F function_;
    Range range_;
    decltype(std::begin(std::declval<std::remove_reference_t<Range>&>())) next_;
    decltype(std::end(std::declval<std::remove_reference_t<Range>&>())) end_;
    std::size_t chunksize_;
    bool begun_ = false;
    bool over_ = false;
  };

  // Passes the results of a chunk on to the futures of its elements.
  template <class R>
  struct Distribute {
    template <class Chunk>
    void operator()(const Chunk& done) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (!members[i].set_running_or_notify_cancel()) continue;
        try {
          done.state()->check_result(0);
          if constexpr (std::is_void_v<R>) {
            members[i].set_result();
          } else {
            members[i].set_result(R(std::move((*done.state()->value)[i])));
          }
        } catch (...) {
          members[i].state()->finish_unless_done(std::current_exception());
        }
      }
    }
    std::vector<Future<R>> members;
  };

  template <class R, class F, class... Args>
  void send_chunk(F function, std::vector<std::tuple<Args...>> chunk,
                  std::deque<Future<R>>& futures) {
    std::vector<Future<R>> members(chunk.size());
    Distribute<R> distribute{members};
    if constexpr (std::is_pointer_v<F>) {
      using Raw = std::invoke_result_t<F, Args...>;
      auto offset = multiprocessing::detail::offset_of(reinterpret_cast<const void*>(function));
      submit(&detail::call_pointer_each<Raw, Args...>, offset, std::move(chunk))
          .add_done_callback(std::move(distribute));
    } else {
      static_assert(multiprocessing::detail::can_travel<F>(),
                    "a lambda with captures cannot be sent to another process: pass what it "
                    "captures in the elements");
      submit(&detail::call_each<F, Args...>, std::move(chunk))
          .add_done_callback(std::move(distribute));
    }
    futures.insert(futures.end(), members.begin(), members.end());
  }

  std::shared_ptr<Pool> pool_;
};

}  // namespace heddle::futures
