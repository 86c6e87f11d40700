// What the loop does when system calls fail. Only in builds whose table of calls can be replaced.
#include <cerrno>
#include <system_error>

#include "asyncio/work.h"
#include "core/kernel.h"

using heddle::core::Kernel;
using heddle::core::SystemCalls;

namespace {

int refuse_epoll() {
  errno = EMFILE;
  return -1;
}
int refuse_eventfd() {
  errno = EMFILE;
  return -1;
}

int interruptions = 0;
int interrupted_wait(int epoll, epoll_event* events, int capacity, std::int64_t limit) {
  if (interruptions++ % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  return SystemCalls::epoll_wait(epoll, events, capacity, limit);
}

}  // namespace

TEST_CASE("kernel faults: a loop that gets no descriptor says which, and leaks none") {
  Kernel::epoll_create = &refuse_epoll;
  CHECK_THROWS_AS(asyncio::EventLoop(), std::system_error);
  Kernel::epoll_create = &SystemCalls::epoll_create;
  Kernel::eventfd = &refuse_eventfd;
  try {
    asyncio::EventLoop loop;
    FAIL("no exception");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EMFILE);
    CHECK(std::string(error.what()).starts_with("eventfd: the event loop needs a descriptor"));
  }
  Kernel::eventfd = &SystemCalls::eventfd;
}

TEST_CASE("kernel faults: interrupted waits are taken up again") {
  Kernel::epoll_wait = &interrupted_wait;
  auto nap = []() -> Coro<int> { co_return co_await asyncio::sleep(5ms, 7); };
  CHECK(asyncio::run(nap()) == 7);
  Kernel::epoll_wait = &SystemCalls::epoll_wait;
  CHECK(interruptions > 1);
}
