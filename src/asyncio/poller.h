// Poller: turns the kernel's readiness into events. Five functions, one file a backend.
//
// All backends pass tests/asyncio/poller_test.cpp. Only wake() may be called by other threads.
#pragma once

#include <heddle/core/clock.h>

#include <cstdint>
#include <memory>
#include <span>

namespace heddle::asyncio::detail {

class Poller {
 public:
  // What a descriptor is watched for, and what it is ready for. Errors and hang-ups count as both.
  static constexpr std::uint32_t readable = 1;
  static constexpr std::uint32_t writable = 2;

  struct Event {
    int fd;
    std::uint32_t ready;
  };

  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  virtual ~Poller() = default;

  // Begins to watch `fd`, level-triggered. Throws std::system_error with the operation and the
  // descriptor.
  virtual void add(int fd, std::uint32_t interest) = 0;
  virtual void modify(int fd, std::uint32_t interest) = 0;
  // Ends the watch. A descriptor that was closed before is not an error.
  virtual void remove(int fd) noexcept = 0;
  // Waits at most `limit` nanoseconds (negative: without limit) for events or wake(), and returns
  // the events.
  virtual std::span<const Event> wait(Nanoseconds limit) = 0;
  // Ends the present or the next wait. Thread-safe and async-signal-safe.
  virtual void wake() noexcept = 0;

 protected:
  Poller() = default;
};

std::unique_ptr<Poller> make_epoll_poller();

}  // namespace heddle::asyncio::detail
