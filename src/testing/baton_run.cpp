// How a run of threads begins and ends, and what is said about it.
#include <heddle/core/error.h>
#include <heddle/core/type_name.h>
#include <heddle/threading/thread.h>

#include <cstdio>
#include <cstdlib>

#include "core/kernel.h"
#include "testing/baton.h"
#include "testing/unseen.h"
#include "threading/exit.h"

namespace heddle::testing {

using core::SystemCalls;

namespace {

std::uint32_t* word_of(std::atomic<std::uint32_t>& atomic) {
  return reinterpret_cast<std::uint32_t*>(&atomic);
}

}  // namespace

void Baton::fail(std::string kind, std::string text) {
  Unseen unseen;
  if (!kind_.empty()) return;
  kind_ = std::move(kind);
  text_ = std::move(text);
}

void Baton::give_up(std::string kind, std::string text) {
  fail(std::move(kind), std::move(text));
  over_.store(2);
  SystemCalls::futex_wake(word_of(over_), 1);
}

std::string Baton::describe(const BatonThread& thread) const {
  return "thread " + std::to_string(thread.number) + " '" + thread.name + "' at " + thread.site;
}

std::string Baton::who_waits() const {
  std::string text;
  for (const BatonThread& thread : threads_) {
    if (thread.state == BatonThread::State::ended) continue;
    if (!text.empty()) text += '\n';
    text += "    " + describe(thread);
    if (thread.state == BatonThread::State::ready) {
      text += " can run";
    } else {
      text += " waits since step " + std::to_string(thread.since);
      if (thread.joins != nullptr)
        text += " for the end of thread " + std::to_string(thread.joins->number);
      for (const BatonThread& other : threads_) {
        if (&other != &thread && other.word != nullptr && other.word == thread.word)
          text += ", for the same as thread " + std::to_string(other.number);
      }
    }
  }
  return text;
}

void Baton::leave_behind() {
  for (BatonThread& thread : threads_) {
    if (thread.state != BatonThread::State::ended) {
      threading::leave_behind(thread.ident.load());
    } else if (!thread.released) {
      SystemCalls::thread_detach(
          static_cast<pthread_t>(thread.ident.load()));  // nobody joins it any more
    }
  }
}

// Waits for the end of the run. A thread that holds the baton and reaches no switch point for a
// minute waits for something that the run cannot see, or computes for ever: nothing can be unwound
// then.
void Baton::watch_over() {
  constexpr Nanoseconds second = 1'000'000'000;
  std::uint64_t seen = steps();
  int quiet = 0;
  while (over_.load() == 0) {
    SystemCalls::futex_wait(word_of(over_), 0, second);
    std::uint64_t now = steps();
    quiet = now == seen ? quiet + 1 : 0;
    seen = now;
    if (quiet < 60) continue;
    const BatonThread* holder = running_.load();
    std::fprintf(stderr,
                 "explore_threads: seed %llu, step %llu: %s reaches no switch point for a minute; "
                 "it waits for "
                 "something outside of heddle, or never ends\n",
                 static_cast<unsigned long long>(seed()), static_cast<unsigned long long>(now),
                 holder != nullptr ? describe(*holder).c_str() : "the first thread");
    std::abort();
  }
}

bool Baton::run(detail::ThreadBody& body) {
  threading::Thread first(threading::ThreadOptions().name("body").daemon(false), [this, &body] {
    try {
      body.run(*this);
    } catch (...) {
      std::exception_ptr failure = std::current_exception();
      fail(type_name(failure), heddle::describe(failure));
    }
  });
  {
    BatonCalls calls(*this);
    first.start();
    Unseen unseen;
    watch_over();
  }
  static_cast<void>(published_.load(std::memory_order_acquire));
  if (over_.load() != 1) return false;
  first.join();
  return true;
}

}  // namespace heddle::testing
