#include <doctest/doctest.h>
#include <heddle/futures/process_pool_executor.h>
#include <heddle/testing/census.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>

namespace futures = heddle::futures;
using futures::BrokenProcessPool;
using futures::ProcessPoolExecutor;

struct Page {
  std::string url;
  std::vector<int> counts;
  std::optional<double> weight;
};

static Page doubled(Page page) {
  for (int& count : page.counts) count *= 2;
  return page;
}
static double divide(double a, double b) {
  if (b == 0) throw heddle::ZeroDivisionError("division by zero");
  return a / b;
}
static int worker_pid() { return ::getpid(); }
static int dies(int how) {
  if (how == 0) ::_exit(3);
  if (how == 1) ::kill(::getpid(), SIGKILL);
  if (how == 2) std::abort();
  throw std::runtime_error("not reached");
}
struct Unknown {};
static void throws_unknown() { throw Unknown(); }
static int square(int n) { return n * n; }

TEST_CASE("ProcessPoolExecutor: values and exceptions cross, in separate processes") {
  ProcessPoolExecutor pool(2);
  CHECK(pool.submit(worker_pid).result() != ::getpid());
  Page page = pool.submit(doubled, Page{"a", {1, 2}, 0.5}).result();
  CHECK(page.counts == std::vector{2, 4});
  CHECK(page.weight == 0.5);
  try {
    pool.submit(divide, 1.0, 0.0).result();
    FAIL("no exception");
  } catch (const heddle::ZeroDivisionError& error) {
    CHECK(std::string(error.what()) == "division by zero");
    auto* cause = dynamic_cast<const std::nested_exception*>(&error);
    REQUIRE(cause != nullptr);
    CHECK(heddle::describe(cause->nested_ptr()).find("ZeroDivisionError: division by zero") !=
          std::string::npos);
  }
  CHECK_THROWS_AS(pool.submit(throws_unknown).result(), heddle::multiprocessing::RemoteError);
  CHECK(pool.submit([](int a, int b) { return a + b; }, 2, 3).result() == 5);
  pool.submit([] {}).result();
}

TEST_CASE("ProcessPoolExecutor: a dead worker fails its job by name, the others go on") {
  ProcessPoolExecutor pool(2);
  const char* expected[] = {"ended with exit code 3", "was killed by signal 9 (SIGKILL)",
                            "was killed by signal 6 (SIGABRT)"};
  for (int how = 0; how < 3; ++how) {
    auto dying = pool.submit(dies, how);
    auto fine = pool.submit(square, how);
    try {
      dying.result();
      FAIL("no exception");
    } catch (const BrokenProcessPool& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(expected[how]) != std::string::npos);
    }
    CHECK(fine.result() == how * how);
  }
  std::vector<int> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 0);
  int sum = 0;
  for (int n : pool.map(square, numbers, {.chunksize = 7})) sum += n;
  CHECK(sum == 328'350);
}

TEST_CASE("ProcessPoolExecutor: a strict pool breaks as Python's does") {
  ProcessPoolExecutor pool(1, {.strict = true});
  auto dying = pool.submit(dies, 0);
  CHECK_THROWS_AS(dying.result(), BrokenProcessPool);
  bool refused = false;
  for (int i = 0; i < 1000 && !refused; ++i) {
    try {
      auto later = pool.submit(square, 1);
      CHECK_THROWS_AS(later.result(), BrokenProcessPool);
    } catch (const BrokenProcessPool&) {
      refused = true;
    }
  }
  CHECK(refused);
}

TEST_CASE("ProcessPoolExecutor: 64 MiB there and back, and a thousand small jobs") {
  ProcessPoolExecutor pool(2);
  std::string large(64 << 20, 'x');
  CHECK(pool.submit([](std::string s) { return s; }, large).result() == large);
  std::vector<futures::Future<int>> results;
  for (int i = 0; i < 1000; ++i) results.push_back(pool.submit(square, i));
  for (int i = 0; i < 1000; ++i) REQUIRE(results[static_cast<std::size_t>(i)].result() == i * i);
}

TEST_CASE("ProcessPoolExecutor: shutdown, refusals, and jobs that cannot be sent") {
  ProcessPoolExecutor pool(1);
  futures::Executor& plain = pool;
  CHECK_THROWS_AS(plain.submit([] { return 1; }).result(), heddle::TypeError);
  auto result = pool.submit(square, 3);
  pool.shutdown();
  CHECK(result.result() == 9);
  CHECK_THROWS_WITH_AS(pool.submit(square, 3), "cannot schedule new futures after shutdown",
                       heddle::RuntimeError);
  CHECK_THROWS_AS(ProcessPoolExecutor(0), heddle::ValueError);
  ProcessPoolExecutor other(1);
  CHECK_THROWS_AS(other.map(square, std::vector{1}, {.chunksize = 0}), heddle::ValueError);
}

TEST_CASE("ProcessPoolExecutor: a child of fork() is refused, and leaves the workers alone") {
  auto* pool = new ProcessPoolExecutor(1);
  CHECK(pool->submit(square, 3).result() == 9);
  pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    bool refused = false;
    try {
      pool->submit(square, 4);
    } catch (const heddle::RuntimeError&) {
      refused = true;
    }
    delete pool;
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(pool->submit(square, 5).result() == 25);
  delete pool;
}
