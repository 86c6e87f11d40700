#include <heddle/asyncio/call_graph.h>

#include "asyncio/work.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <thread>

static Coro<void> inner(asyncio::Event& event) { co_await event.wait(); }
static Coro<void> outer(asyncio::Event& event) { co_await inner(event); }

ASYNC_TEST_CASE("capture_call_graph: has the coroutines of a task, innermost first, with lines") {
  asyncio::Event event;
  auto task = asyncio::create_task(outer(event), asyncio::TaskOptions().name("worker"));
  co_await testing::wait_until_idle();
  asyncio::FutureCallGraph graph = asyncio::capture_call_graph(task);
  REQUIRE(graph.call_stack.size() == 2);
  CHECK(graph.call_stack[0].function == "inner");
  CHECK(graph.call_stack[1].function == "outer");
  CHECK(graph.call_stack[0].line + 1 == graph.call_stack[1].line);
  CHECK(graph.call_stack[0].file.ends_with("call_graph_test.cpp"));
  CHECK(graph.awaited_by.empty());
  CHECK(asyncio::capture_call_graph(task, 1).call_stack.size() == 1);
  CHECK(task.get_stack().size() == 2);
  event.set();
  co_await task;
  CHECK(asyncio::capture_call_graph(task).call_stack.empty());
}

ASYNC_TEST_CASE("capture_call_graph: of the current task begins at the caller's line") {
  auto here = []() -> Coro<std::uint32_t> {
    co_await asyncio::sleep(0s);
    auto graph = asyncio::capture_call_graph();
    CHECK(graph->call_stack.size() >= 2);
    co_return graph->call_stack.front().line - std::source_location::current().line();
  };
  CHECK(co_await here() == static_cast<std::uint32_t>(-2));
  bool none = false;
  asyncio::get_running_loop().call_soon([&none] { none = !asyncio::capture_call_graph(); });
  co_await asyncio::sleep(0s);
  CHECK(none);
}

static Coro<void> awaits(asyncio::Future<void> future) { co_await future; }

ASYNC_TEST_CASE("capture_call_graph: shows who waits, through gather, shield, wait and groups") {
  asyncio::Event event;
  auto leaf = asyncio::create_task(inner(event));
  auto named = [](auto coroutine, const char* name) {
    return asyncio::create_task(std::move(coroutine), asyncio::TaskOptions().name(name));
  };
  auto gathers = [&]() -> Coro<void> { co_await asyncio::gather(leaf); };
  auto shields = [&]() -> Coro<void> { co_await asyncio::shield(leaf); };
  auto waits = [&]() -> Coro<void> {
    std::vector<asyncio::Task<void>> tasks{leaf};
    co_await asyncio::wait(tasks);
  };
  std::vector<asyncio::Task<void>> waiters{named(awaits(leaf), "awaits"),
                                           named(gathers(), "gathers"), named(shields(), "shields"),
                                           named(waits(), "waits")};
  co_await testing::wait_until_idle();
  std::string text = asyncio::format_call_graph(leaf);
  for (const char* name : {"awaits", "gathers", "shields", "waits"})
    CHECK(text.find("Task(name='" + std::string(name)) != text.npos);
  CHECK(text.find("* Future(id=") != text.npos);
  CHECK(text.find("  + Call stack:\n  |   File '") != text.npos);
  CHECK(text.find("in async inner()\n  + Awaited by:\n    * Task(name='awaits'") != text.npos);
  event.set();
  co_await asyncio::wait(waiters);
}

ASYNC_TEST_CASE("format_task_tree: tasks below those that wait for them") {
  asyncio::Event event;
  asyncio::current_task().set_name("main");
  auto group = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    tg.create_task(outer(event), asyncio::TaskOptions().name("child"));
    co_await testing::wait_until_idle();
    std::string tree = asyncio::format_task_tree();
    std::size_t main = tree.find("(T) main (running)\n  ");
    std::size_t child = tree.find("(T) child\n", main);
    CHECK(main == 0);
    CHECK(child != tree.npos);
    CHECK(tree.find("  outer call_graph_test.cpp:", child) != tree.npos);
    CHECK(tree.find("    inner call_graph_test.cpp:", child) != tree.npos);
    event.set();
  };
  co_await asyncio::with(asyncio::TaskGroup(), group);
}

ASYNC_TEST_CASE("format_task_tree: names a circle of awaits") {
  std::optional<asyncio::Task<void>> second;
  auto first_body = [&]() -> Coro<void> { co_await *second; };
  auto first = asyncio::create_task(first_body(), asyncio::TaskOptions().name("first"));
  second = asyncio::create_task(awaits(first), asyncio::TaskOptions().name("second"));
  co_await testing::wait_until_idle();
  std::string tree = asyncio::format_task_tree();
  CHECK(tree.find("(T) first  <- await cycle") != tree.npos);
  CHECK(asyncio::format_call_graph(first).find("Task(name='second'") != tree.npos);
  CHECK(first.cancel());  // does not go round and round
  co_await until_done(*second);
  CHECK(first.cancelled());
  CHECK(second->cancelled());
  second.reset();
}

namespace {

// The read end of what a TaskDump writes.
class Output {
 public:
  Output() { static_cast<void>(::pipe2(ends_, O_CLOEXEC)); }
  ~Output() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int fd() const { return ends_[1]; }
  // Asks for dumps until one shows this: what it tells of may not have begun yet.
  void ask_until(const std::string& wanted) {
    do {
      ::kill(::getpid(), SIGUSR1);
      text.clear();
      read_line();
    } while (text.find(wanted) == text.npos);
  }
  std::string text;

 private:
  // Blocks until at least a line has come.
  void read_line() {
    char buffer[4096];
    while (text.find('\n') == text.npos) {
      ssize_t count = ::read(ends_[0], buffer, sizeof buffer);
      if (count <= 0) return;
      text.append(buffer, static_cast<std::size_t>(count));
    }
  }
  int ends_[2];
};

}  // namespace

TEST_CASE("TaskDump: shows the tasks while the loop polls, and while it computes") {
  Output output;
  asyncio::TaskDump dump(SIGUSR1, output.fd());
  asyncio::Event event;
  std::atomic<bool> spin{true};
  std::thread observer([&output, &spin] {
    output.ask_until("(T) sleeper");
    spin = false;
  });
  auto main = [&]() -> Coro<void> {
    auto sleeper = asyncio::create_task(outer(event), asyncio::TaskOptions().name("sleeper"));
    co_await asyncio::sleep(0s);
    while (spin) {
      // computes
    }
    event.set();
    co_await sleeper;
  };
  asyncio::run(main());
  observer.join();
  CHECK(output.text.find("(T) sleeper") != output.text.npos);

  std::optional<asyncio::EventLoop> loop;
  asyncio::Event polls;
  std::thread polled([&] {
    auto waits = [&]() -> Coro<void> {
      loop = asyncio::get_running_loop();
      co_await outer(polls);
    };
    asyncio::Runner runner;
    runner.run(waits());
  });
  output.ask_until("inner call_graph_test.cpp");
  loop->call_soon_threadsafe([&polls] { polls.set(); });
  polled.join();
}

TEST_CASE("TaskDump: refuses signals that cannot be, and a second of its kind") {
  CHECK_THROWS_AS(asyncio::TaskDump(0), heddle::ValueError);
  CHECK_THROWS_AS(asyncio::TaskDump(SIGKILL), heddle::RuntimeError);
  asyncio::TaskDump dump(SIGUSR1);
  CHECK_THROWS_AS(asyncio::TaskDump(SIGUSR2), heddle::RuntimeError);
}
