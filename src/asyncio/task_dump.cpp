#include <heddle/asyncio/call_graph.h>

#include <signal.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "asyncio/running_loops.h"
#include "core/futex.h"
#include "core/kernel.h"

namespace heddle::asyncio {

using core::Kernel;

namespace {

// Counts the signals; the service sleeps on it. Bit 31 ends the service.
std::atomic<std::uint32_t> requests{0};
constexpr std::uint32_t stop_bit = 1u << 31;
std::atomic<bool> in_use{false};

void on_request(int) {
  int saved = errno;
  requests.fetch_add(1);
  core::wake_all(requests);
  errno = saved;
}

void write_all(int fd, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    ssize_t count = Kernel::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) return;  // nobody is left to be told
    if (count > 0) written += static_cast<std::size_t>(count);
  }
}

}  // namespace

class TaskDump::Service {
 public:
  Service(int signal, int fd) : signal_(signal), fd_(fd) {
    if (in_use.exchange(true)) throw RuntimeError("there is a TaskDump already: one a process");
    requests.store(0);
    struct sigaction ours{};
    ours.sa_handler = on_request;
    ours.sa_flags = SA_RESTART;
    if (Kernel::sigaction(signal, &ours, &former_) != 0) {
      in_use.store(false);
      throw RuntimeError("sig " + std::to_string(signal) + " cannot be caught");
    }
    try {
      thread_ = std::thread([this] { serve(); });
    } catch (...) {
      Kernel::sigaction(signal, &former_, nullptr);
      in_use.store(false);
      throw;
    }
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    Kernel::sigaction(signal_, &former_, nullptr);
    requests.fetch_or(stop_bit);
    core::wake_all(requests);
    thread_.join();
    in_use.store(false);
  }

 private:
  void serve() {
    std::uint32_t served = 0;
    while (true) {
      core::wait_while_equal(requests, served, time_max);
      std::uint32_t now = requests.load();
      if ((now & stop_bit) != 0) return;
      served = now;
      write_all(fd_, text_of_all());
    }
  }

  std::string text_of_all() {
    std::string text;
    int count = 0;
    detail::for_each_running_loop([&](LoopCore& loop, int thread) {
      ++count;
      text += "event loop of thread " + std::to_string(thread) + ":\n";
      if (!detail::snapshot_from_outside(loop, snapshot_)) {
        text += "  cannot be looked at: the program uses SIGURG, or the thread blocks it\n";
        return;
      }
      text += snapshot_.tree();
    });
    return count == 0 ? "no event loop runs\n" : text;
  }

  int signal_;
  int fd_;
  struct sigaction former_{};
  detail::LoopSnapshot snapshot_;
  std::thread thread_;
};

TaskDump::TaskDump(int signal, int fd) {
  if (signal < 1 || signal > 64)
    throw ValueError("invalid signal number " + std::to_string(signal));
  service_ = std::make_unique<Service>(signal, fd);
}

TaskDump::~TaskDump() = default;

}  // namespace heddle::asyncio
