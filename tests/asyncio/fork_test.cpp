// A child of fork() does not inherit the running loop, and does no harm to the parent's.
#include <sys/wait.h>
#include <unistd.h>

#include "asyncio/inbox.h"
#include "asyncio/work.h"

namespace {

// Runs body() in a child; its exit status: 0 when body() gives "".
template <class Body>
int status_of_child(Body body) {
  pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);  // ends it when it hangs
    std::string wrong;
    try {
      wrong = body();
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    if (!wrong.empty()) std::fprintf(stderr, "child: %s\n", wrong.c_str());
    ::_exit(wrong.empty() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

template <class F>
std::string error_of(F call) {
  try {
    call();
  } catch (const heddle::RuntimeError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

const std::string parents =
    "Event loop belongs to the parent process: a child of fork() runs its own, with "
    "asyncio::run(), and ends with _exit() or an exec function";

}  // namespace

TEST_CASE("fork: the child has no running loop, and may run one of its own") {
  int status = -1;
  auto main = [&]() -> Coro<int> {
    status = status_of_child([] {
      std::string error = error_of([] { asyncio::get_running_loop(); });
      if (!error.starts_with("no running event loop")) return error;
      auto child = []() -> Coro<int> {
        co_await asyncio::sleep(1ms);
        co_return 42;
      };
      return std::string(asyncio::run(child()) == 42 ? "" : "another result");
    });
    co_await asyncio::sleep(0s);
    co_return 7;
  };
  CHECK(asyncio::run(main()) == 7);
  CHECK(status == 0);
}

TEST_CASE("fork: the parent's loop takes nothing from the child, and does not run there") {
  asyncio::EventLoop loop;
  CHECK(status_of_child([&] {
          for (std::string error : {error_of([&] { loop.call_soon_threadsafe([] {}); }),
                                    error_of([&] { loop.add_reader(0, [] {}); }),
                                    error_of([&] { loop.run_forever(); })}) {
            if (error != parents) return error;
          }
          return std::string();
        }) == 0);
  loop.close();
}

TEST_CASE("fork: a child that goes on in a task of the parent ends its run with an error") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  pid_t child = -1;
  int seen = 0;
  bool other_ran_in_child = false;
  auto other = [&]() -> Coro<void> {
    co_await asyncio::sleep(0s);
    other_ran_in_child = child == 0;
  };
  auto main = [&]() -> Coro<void> {
    asyncio::Future<void> readable;
    asyncio::EventLoop loop = asyncio::get_running_loop();
    loop.add_reader(pipe[0], [&] {
      seen += 1;
      loop.remove_reader(pipe[0]);
      readable.set_result();
    });
    auto task = asyncio::create_task(other());
    child = ::fork();
    if (child == 0) co_await task;
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    // The child's end has left the descriptors of the loop alone.
    CHECK(::write(pipe[1], "x", 1) == 1);
    co_await readable;
    co_await task;
  };
  std::string error;
  try {
    asyncio::run(main());
  } catch (const heddle::RuntimeError& thrown) {
    error = thrown.what();
  }
  if (child == 0) ::_exit(error == parents && !other_ran_in_child && seen == 0 ? 0 : 1);
  CHECK(error.empty());
  CHECK(seen == 1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

namespace {

asyncio::AsyncGenerator<int> one() { co_yield 1; }

// What `wait()` meets in a child that goes on in a task of the parent.
template <class Wait>
std::string met_in_child(Wait wait) {
  int status = -1;
  pid_t child = -1;
  std::string met = "nothing was thrown";
  auto main = [&]() -> Coro<void> {
    child = ::fork();
    if (child == 0) {
      ::alarm(20);
      try {
        co_await wait();
      } catch (const heddle::RuntimeError& thrown) {
        met = thrown.what();
      }
      co_return;
    }
    ::waitpid(child, &status, 0);
  };
  std::string error = error_of([&] { asyncio::run(main()); });
  if (child == 0) ::_exit(error == parents && met.starts_with("no running event loop") ? 0 : 1);
  return status == 0 ? "" : "the child ended with " + std::to_string(status);
}

}  // namespace

TEST_CASE("fork: a wait in a task of the parent is an error in the child") {
  CHECK(met_in_child([] { return asyncio::sleep(1ms); }).empty());
  asyncio::Event event;
  CHECK(met_in_child([&event] { return event.wait(); }).empty());
  asyncio::Queue<int> queue;
  CHECK(met_in_child([&queue] { return queue.get(); }).empty());
  asyncio::EventLoop loop;
  auto future = loop.create_future<int>();
  CHECK(met_in_child([&future] { return future; }).empty());
  auto generator = one();
  CHECK(met_in_child([&generator] { return generator.next(); }).empty());
}

TEST_CASE("fork: the child of an eager first step has no running loop after that step") {
  int status = -1;
  pid_t child = -1;
  auto forks = [&child]() -> Coro<void> {
    child = ::fork();
    co_return;
  };
  auto main = [&]() -> Coro<void> {
    auto task = asyncio::create_task(forks(), asyncio::TaskOptions().eager_start(true));
    if (child == 0) {
      ::alarm(20);
      auto own = []() -> Coro<int> { co_return 42; };
      int result = 0;
      try {
        result = asyncio::run(own());
      } catch (const heddle::RuntimeError&) {
      }
      ::_exit(result == 42 ? 0 : 1);
    }
    ::waitpid(child, &status, 0);
    co_await task;
  };
  asyncio::run(main());
  CHECK(status == 0);
}

TEST_CASE("fork: a child closes a loop that a thread of the parent was about to wake") {
  asyncio::detail::Inbox inbox;
  auto nothing = [] {};
  heddle::Ref<asyncio::detail::HandleCore> posted(
      new asyncio::detail::CallbackCore<decltype(nothing)>(nothing));
  REQUIRE(inbox.fall_asleep());
  REQUIRE(inbox.push(*posted) == asyncio::detail::Inbox::Pushed::to_sleeper);
  CHECK(status_of_child([&] {
          return std::string(inbox.close() == posted.get() ? "" : "another handle");
        }) == 0);
  inbox.woken();
  CHECK(inbox.close() == posted.get());
}
