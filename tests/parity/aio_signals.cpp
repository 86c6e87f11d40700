#include <heddle/asyncio.h>
#include <heddle/threading.h>

#include <csignal>
#include <thread>

#include <unistd.h>

#include "outcome.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using asyncio::sleep;
using namespace std::chrono_literals;

static std::vector<std::string> log_;
static void note(std::string text) { log_.push_back(std::move(text)); }
static void send(int signal = SIGINT) { ::kill(::getpid(), signal); }
static void later(heddle::Delay delay) {
  asyncio::get_running_loop().call_later(delay, [] { send(); });
}

static Coro<void> handlers() {
  asyncio::EventLoop loop = asyncio::get_running_loop();
  loop.add_signal_handler(SIGUSR1, [] { note("usr1"); });
  loop.add_signal_handler(SIGUSR2, [] { note("usr2"); });
  send(SIGUSR1);
  note("sent");
  co_await sleep(10ms);
  send(SIGUSR2);
  co_await sleep(10ms);
  print(log_);
  loop.add_signal_handler(SIGUSR1, [] { note("replaced"); });
  send(SIGUSR1);
  co_await sleep(10ms);
  print(log_.back());
  bool first = loop.remove_signal_handler(SIGUSR1);
  print(first, loop.remove_signal_handler(SIGUSR1));
  for (int s : {SIGKILL, SIGSTOP}) {
    try {
      loop.add_signal_handler(s, [] {});
    } catch (const heddle::RuntimeError& e) {
      print(std::string(e.what()).substr(0, s == SIGKILL ? 22 : 23));
    }
  }
  for (int s : {0, 1000}) {
    try {
      loop.add_signal_handler(s, [] {});
    } catch (const heddle::ValueError& e) {
      print(std::string(e.what()).substr(0, 21));
    }
  }
  auto elsewhere = [](asyncio::EventLoop other) {
    try {
      other.add_signal_handler(SIGUSR1, [] {});
    } catch (const heddle::RuntimeError&) {
      print("not in the main thread");
    }
  };
  co_await asyncio::to_thread(elsewhere, loop);
  asyncio::Event done;
  loop.add_signal_handler(SIGUSR1, [&done] { done.set(); });
  std::jthread timer([] {
    std::this_thread::sleep_for(20ms);
    send(SIGUSR1);
  });
  co_await asyncio::wait_for(done.wait(), 5s);
  print("woken");
  loop.remove_signal_handler(SIGUSR1);
}

static Coro<void> interrupted() {
  later(10ms);
  std::exception_ptr failure;
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    note("cancelled " + std::to_string(asyncio::current_task().cancelling()));
    failure = std::current_exception();
  }
  note("cleanup");
  co_await sleep(10ms);
  note("cleaned");
  if (failure) std::rethrow_exception(failure);
}

static Coro<std::string> swallows() {
  later(10ms);
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    co_return "swallowed";
  }
  co_return "not interrupted";
}

static Coro<void> twice() {
  later(10ms);
  try {
    co_await sleep(5s);
  } catch (const heddle::CancelledError&) {
    // the cleanup is below
  }
  later(10ms);
  struct Finally {
    ~Finally() { note("second"); }
  } finally;
  co_await sleep(5s);
}

static Coro<void> busy() {
  send();
  note("goes on");
  co_await sleep(0s);
  co_await sleep(5s);
}

static Coro<void> left() {
  struct Finally {
    ~Finally() { print("leftover cleaned up"); }
  } finally;
  co_await sleep(5s);
}
static Coro<void> with_leftover() {
  asyncio::create_task(left());
  co_await sleep(0s);
  send();
  co_await sleep(5s);
}

static void run_interrupted(Coro<void> main) {
  try {
    asyncio::run(std::move(main));
  } catch (const heddle::KeyboardInterrupt&) {
    print("KeyboardInterrupt", log_);
  }
  log_.clear();
}

static volatile std::sig_atomic_t got = 0;  // all that a handler may touch
static Coro<std::string> own() {
  send();
  co_await sleep(10ms);
  co_return "not interrupted";
}
static Coro<std::string> fine() { co_return "fine"; }

int main() {
  asyncio::run(handlers());
  log_.clear();
  run_interrupted(interrupted());
  print(asyncio::run(swallows()));
  run_interrupted(twice());
  run_interrupted(busy());
  try {
    asyncio::run(with_leftover());
  } catch (const heddle::KeyboardInterrupt&) {
    print("KeyboardInterrupt");
  }
  std::signal(SIGINT, [](int) { got = got + 1; });
  std::string result = asyncio::run(own());
  print(result, std::vector<std::string>(static_cast<std::size_t>(got), "own"));
  std::signal(SIGINT, SIG_DFL);
  asyncio::Runner runner;
  try {
    runner.run(interrupted());
  } catch (const heddle::KeyboardInterrupt&) {
    print("first");
  }
  print(runner.run(fine()));
}
