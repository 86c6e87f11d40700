#include <heddle/core/error.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "asyncio/poller.h"
#include "core/fork.h"
#include "core/kernel.h"

namespace heddle::asyncio::detail {

namespace {

using core::Kernel;

[[noreturn]] void fail(const std::string& operation) {
  throw std::system_error(errno, std::system_category(), operation);
}

// Closes itself; -1 is none.
class Descriptor {
 public:
  Descriptor(int fd, const char* operation) : fd_(fd) {
    if (fd_ < 0) fail(operation);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Kernel::close(fd_); }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

class EpollPoller final : public Poller {
 public:
  EpollPoller()
      : epoll_(Kernel::epoll_create(), "epoll_create: the event loop needs a descriptor"),
        wake_(Kernel::eventfd(), "eventfd: the event loop needs a descriptor") {
    // Edge-triggered: every wake() is told once, and its counter need not be read.
    epoll_event event{};
    event.data.fd = wake_.get();
    event.events = EPOLLIN | EPOLLET;
    if (Kernel::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0)
      fail("watch the event loop's own descriptor");
  }

  void add(int fd, std::uint32_t interest) override { control(EPOLL_CTL_ADD, fd, interest); }
  void modify(int fd, std::uint32_t interest) override { control(EPOLL_CTL_MOD, fd, interest); }

  void remove(int fd) noexcept override {
    if (is_parents()) return;
    epoll_event unused{};
    Kernel::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &unused);
  }

  std::span<const Event> wait(Nanoseconds limit) override {
    int count = Kernel::epoll_wait(epoll_.get(), raw_.data(), capacity, limit);
    if (count < 0) {
      if (errno == EINTR) return {};  // the loop looks at its clock and its inbox, and comes back
      fail("epoll_wait");
    }
    std::size_t used = 0;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = raw_[static_cast<std::size_t>(i)];
      if (event.data.fd == wake_.get()) continue;
      bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      std::uint32_t ready = 0;
      if (broken || (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI)) != 0) ready |= readable;
      if (broken || (event.events & EPOLLOUT) != 0) ready |= writable;
      events_[used++] = {event.data.fd, ready};
    }
    return {events_.data(), used};
  }

  void wake() noexcept override {
    if (is_parents()) return;
    int saved = errno;  // this runs in signal handlers too
    std::uint64_t one = 1;
    if (Kernel::write(wake_.get(), &one, sizeof one) < 0 && errno == EAGAIN) {
      // The counter is full, after 2^64 wake-ups.
      std::uint64_t counter = 0;
      static_cast<void>(Kernel::read(wake_.get(), &counter, sizeof counter));
      static_cast<void>(Kernel::write(wake_.get(), &one, sizeof one));
    }
    errno = saved;
  }

 private:
  // In a child of fork(): the descriptors are those of the parent's loop.
  bool is_parents() const noexcept { return generation_ != core::fork_generation(); }
  void control(int operation, int fd, std::uint32_t interest) {
    epoll_event event{};
    event.data.fd = fd;
    if ((interest & readable) != 0) event.events |= EPOLLIN;
    if ((interest & writable) != 0) event.events |= EPOLLOUT;
    if (Kernel::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) {
      fail("watch descriptor " + std::to_string(fd));
    }
  }

  static constexpr int capacity = 256;
  const std::uint32_t generation_ = core::fork_generation();
  Descriptor epoll_;
  Descriptor wake_;
  std::array<epoll_event, capacity> raw_{};
  std::array<Event, capacity> events_{};
};

}  // namespace

std::unique_ptr<Poller> make_epoll_poller() { return std::make_unique<EpollPoller>(); }

}  // namespace heddle::asyncio::detail
