// What every backend of Poller promises.
#include "asyncio/poller.h"

#include <doctest/doctest.h>
#include <heddle/threading/thread.h>
#include <unistd.h>

#include <system_error>

using heddle::asyncio::detail::make_epoll_poller;
using heddle::asyncio::detail::Poller;

namespace {

struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2] = {-1, -1};
};

}  // namespace

TEST_CASE("Poller: tells readable and writable descriptors, level-triggered, until removed") {
  auto poller = make_epoll_poller();
  Pipe pipe;
  poller->add(pipe.ends[0], Poller::readable);
  CHECK(poller->wait(0).empty());
  REQUIRE(::write(pipe.ends[1], "x", 1) == 1);
  for (int i = 0; i < 2; ++i) {
    auto events = poller->wait(-1);
    REQUIRE(events.size() == 1);
    CHECK(events[0].fd == pipe.ends[0]);
    CHECK(events[0].ready == Poller::readable);
  }
  poller->modify(pipe.ends[0], 0);
  CHECK(poller->wait(0).empty());
  poller->add(pipe.ends[1], Poller::writable);
  CHECK(poller->wait(0).size() == 1);
  poller->remove(pipe.ends[1]);
  poller->remove(pipe.ends[1]);  // not an error
  CHECK(poller->wait(0).empty());
}

TEST_CASE("Poller: a closed other end wakes both sides") {
  auto poller = make_epoll_poller();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  poller->add(ends[1], Poller::writable);
  ::close(ends[0]);
  auto events = poller->wait(-1);
  REQUIRE(events.size() == 1);
  CHECK(events[0].ready == (Poller::readable | Poller::writable));
  poller->remove(ends[1]);
  ::close(ends[1]);
}

TEST_CASE("Poller: wake() ends a wait, also one that comes later, and from another thread") {
  auto poller = make_epoll_poller();
  poller->wake();
  poller->wake();
  CHECK(poller->wait(-1).empty());
  heddle::threading::Thread waker([&poller] { poller->wake(); });
  waker.start();
  CHECK(poller->wait(-1).empty());
  waker.join();
  CHECK(poller->wait(1'000).empty());  // a microsecond passes
}

TEST_CASE("Poller: a descriptor that cannot be watched is named") {
  auto poller = make_epoll_poller();
  try {
    poller->add(1'000'000, Poller::readable);
    FAIL("no exception");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EBADF);
    CHECK(std::string(error.what()).find("watch descriptor 1000000") != std::string::npos);
  }
}
