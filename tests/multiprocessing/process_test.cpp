#include <doctest/doctest.h>
#include <heddle/core/error.h>
#include <heddle/multiprocessing/process.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace heddle::multiprocessing;
using namespace std::chrono_literals;

static void quiet() {
  if (std::freopen("/dev/null", "w", stderr) == nullptr) std::_Exit(9);
}
static void ends(std::string how) {
  if (how == "exit") throw heddle::SystemExit(3);
  if (how == "raise") {
    quiet();
    throw heddle::ValueError("text");
  }
  if (how == "sleep") std::this_thread::sleep_for(1h);
  if (how == "check" && current_process().name != "checked") throw heddle::SystemExit(5);
  if (how == "check" && parent_process()->pid != ::getppid()) throw heddle::SystemExit(6);
}
static void starts_child() {
  try {
    Process(ends, std::string("ok")).start();
  } catch (const heddle::AssertionError&) {
    throw heddle::SystemExit(7);
  }
}

static std::optional<int> exitcode_of(std::string how) {
  Process process(ends, how);
  process.start();
  process.join();
  return process.exitcode();
}

TEST_CASE("Process: exit codes are 0, the code of a SystemExit, 1 for an exception") {
  CHECK(exitcode_of("ok") == 0);
  CHECK(exitcode_of("exit") == 3);
  CHECK(exitcode_of("raise") == 1);
}

TEST_CASE("Process: is alive until it is terminated or killed, and tells the signal") {
  for (int signal : {SIGTERM, SIGKILL}) {
    Process process(ProcessOptions().daemon(true), ends, std::string("sleep"));
    CHECK(!process.pid());
    process.start();
    CHECK(process.is_alive());
    CHECK(active_children().size() == 1);
    process.join(1ms);
    CHECK(!process.exitcode());
    CHECK_THROWS_AS(process.close(), heddle::ValueError);
    if (signal == SIGTERM) {
      process.terminate();
    } else {
      process.kill();
    }
    process.join();
    CHECK(process.exitcode() == -signal);
    process.terminate();  // nothing happens
  }
  CHECK(active_children().empty());
}

TEST_CASE("Process: knows its name and its parent; a daemon may not have children") {
  Process process(ProcessOptions().name("checked"), ends, std::string("check"));
  process.start();
  process.join();
  CHECK(process.exitcode() == 0);
  Process daemon(ProcessOptions().daemon(true), starts_child);
  daemon.start();
  daemon.join();
  CHECK(daemon.exitcode() == 7);
  CHECK(current_process().name == "MainProcess");
  CHECK(!parent_process());
}

TEST_CASE("Process: misuse has Python's words") {
  Process process(ends, std::string("ok"));
  CHECK_THROWS_WITH_AS(process.join(), "can only join a started process", heddle::AssertionError);
  process.start();
  CHECK_THROWS_WITH_AS(process.start(), "cannot start a process twice", heddle::AssertionError);
  process.join();
  process.close();
  CHECK_THROWS_WITH_AS(process.exitcode(), "process object is closed", heddle::ValueError);
}

// Starts a daemon and writes its pid; then is killed by the test.
static void parent_of_daemon(std::string file) {
  Process daemon(ProcessOptions().daemon(true), ends, std::string("sleep"));
  daemon.start();
  std::ofstream(file) << *daemon.pid() << std::endl;
  std::this_thread::sleep_for(1h);
}

TEST_CASE("T36: a daemon dies with a parent that is killed") {
  std::string file = "/tmp/heddle-test-" + std::to_string(::getpid());
  Process parent(ProcessOptions().daemon(false), parent_of_daemon, file);
  parent.start();
  int pid = 0;
  while (pid == 0) {
    std::ifstream(file) >> pid;
    std::this_thread::yield();
  }
  parent.kill();
  parent.join();
  // Gone, or dead and waiting for init to notice.
  auto alive = [pid] {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
  };
  for (int i = 0; i < 5000 && alive(); ++i) std::this_thread::sleep_for(1ms);
  CHECK(!alive());
  ::unlink(file.c_str());
}
