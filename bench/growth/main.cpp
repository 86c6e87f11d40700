// Question: does a task, a timer, or a connection cost more when there are more of them?
// bench_growth ROW N: what one costs among N, in nanoseconds; from 10,000 on also in bytes of
// memory.
#include <heddle/asyncio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "../harness.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using namespace std::chrono_literals;

namespace {

constexpr long work = 1'000'000;  // operations of a measurement, when there are fewer of a kind
constexpr long least_memory = 10'000;  // fewer do not show in the pages of a process

double resident_bytes() {
  long pages = 0;
  long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  bench::require(std::fscanf(file, "%ld %ld", &pages, &resident) == 2, "memory can be read");
  std::fclose(file);
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

[[gnu::noinline]] Coro<long> child(long i) { co_return i; }

Coro<void> spawn_and_join(long n) {
  long rounds = std::max(1L, work / n);
  std::vector<asyncio::Task<long>> tasks;
  tasks.reserve(static_cast<std::size_t>(n));
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    for (long i = 0; i < n; ++i) tasks.push_back(asyncio::create_task(child(i)));
    for (auto& task : tasks) co_await task;
    tasks.clear();
  }
  watch.report("task_spawn_join", rounds * n);
}

// Few are measured again and again: a single one would show what is cold.
long rounds_of(long n) { return std::max(1L, 1000 / n); }

std::chrono::microseconds nap{};
long asleep = 0;
asyncio::Event* all_awake = nullptr;

// Without parameters or locals, so that its memory is all the library's.
Coro<void> sleeper() {
  co_await asyncio::sleep(nap);
  if (--asleep == 0) all_awake->set();
}

Coro<void> sleep_together(long n) {
  nap = std::chrono::microseconds(1000 + 3 * n);  // all are asleep before the first wakes
  double before = resident_bytes();
  double bytes = 0;
  long rounds = rounds_of(n);
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    asyncio::Event over;
    all_awake = &over;
    asleep = n;
    for (long i = 0; i < n; ++i) asyncio::create_task(sleeper());
    co_await asyncio::sleep(0s);  // now they have begun
    bytes = (resident_bytes() - before) / static_cast<double>(n);
    co_await over.wait();
  }
  watch.report_cpu("task_sleep", rounds * n);
  if (n >= least_memory) bench::report("task_bytes", bytes);
}

void nothing() {}

// A thousand at a time, with a turn of the loop between setting and cancelling.
Coro<void> set_and_cancel(long n) {
  auto loop = asyncio::get_running_loop();
  double before = resident_bytes();
  std::vector<asyncio::TimerHandle> standing;
  standing.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) {
    standing.push_back(loop.call_later(std::chrono::microseconds(60'000'000 + i), nothing));
  }
  if (n >= least_memory) {
    bench::report("timer_bytes", (resident_bytes() - before) / static_cast<double>(n));
  }
  std::vector<asyncio::TimerHandle> timers;
  timers.reserve(1000);
  bench::Stopwatch watch;
  for (long set = 0; set < work;) {
    for (int i = 0; i < 1000; ++i, ++set) {
      auto delay = 60s + std::chrono::microseconds(set * 7919 % work);
      timers.push_back(loop.call_later(delay, nothing));
    }
    co_await asyncio::sleep(0s);
    for (auto& timer : timers) timer.cancel();
    timers.clear();
  }
  watch.report("timer_set_cancel", work);
  for (auto& timer : standing) timer.cancel();
}

Coro<void> fire(long n) {
  auto loop = asyncio::get_running_loop();
  long rounds = rounds_of(n);
  bench::Stopwatch watch;
  for (long round = 0; round < rounds; ++round) {
    asyncio::Event over;
    long left = n;
    for (long i = 0; i < n; ++i) {
      loop.call_later(std::chrono::microseconds(1000 + n + i * 7919 % n), [&] {
        if (--left == 0) over.set();
      });
    }
    co_await over.wait();
  }
  watch.report_cpu("timer_fire", rounds * n);
}

constexpr long bytes_sent = 200'000;

// Room for so many descriptors, where the system allows it.
bool may_open(long descriptors) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  auto wanted = static_cast<rlim_t>(descriptors);
  if (limit.rlim_cur >= wanted) return true;
  limit = {wanted, std::max(limit.rlim_max, wanted)};
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

void send_byte(int descriptor) {
  char byte = 'x';
  bench::require(::write(descriptor, &byte, 1) == 1, "a byte is sent");
}

void take_byte(int descriptor) {
  char byte = 0;
  bench::require(::read(descriptor, &byte, 1) == 1 && byte == 'x', "a byte arrives");
}

// The other process: n connections, a byte on up to 64 of them at a time, and waits for all back.
void send_all(const sockaddr_un& address, socklen_t length, long n) {
  std::vector<int> connections(static_cast<std::size_t>(n));
  for (int& connection : connections) {
    connection = ::socket(AF_UNIX, SOCK_STREAM, 0);
    auto* to = reinterpret_cast<const sockaddr*>(&address);
    bench::require(::connect(connection, to, length) == 0, "a connection is made");
  }
  auto at = [&](long i) { return connections[static_cast<std::size_t>(i * 1'000'003 % n)]; };
  take_byte(at(0));  // the other side is ready
  for (long sent = 0; sent < bytes_sent;) {
    long end = std::min(bytes_sent, sent + std::min(n, 64L));
    for (long i = sent; i < end; ++i) send_byte(at(i));
    for (; sent < end; ++sent) take_byte(at(sent));
  }
}

// A byte comes on one of n connections, and is sent back.
Coro<void> answer_all(const std::vector<int>& connections) {
  auto loop = asyncio::get_running_loop();
  auto n = static_cast<double>(connections.size());
  double before = resident_bytes();
  long answered = 0;
  asyncio::Event over;
  for (int connection : connections) {
    loop.add_reader(connection, [&answered, &over, connection] {
      take_byte(connection);
      send_byte(connection);
      if (++answered == bytes_sent) over.set();
    });
  }
  if (n >= least_memory) bench::report("connection_bytes", (resident_bytes() - before) / n);
  bench::Stopwatch watch;
  send_byte(connections[0]);
  co_await over.wait();
  watch.report_cpu("connection_byte", bytes_sent);
  for (int connection : connections) loop.remove_reader(connection);
}

void connection_byte(long n) {
  if (!may_open(n + 100)) return;
  int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  timeval patience{10, 0};  // should the other process fail
  ::setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_un address{AF_UNIX, {}};
  socklen_t length = sizeof address.sun_family;  // the kernel chooses a name
  auto* name = reinterpret_cast<sockaddr*>(&address);
  bool listens = ::bind(listener, name, length) == 0 && ::listen(listener, 128) == 0;
  length = sizeof address;
  bench::require(listens && ::getsockname(listener, name, &length) == 0, "a socket listens");
  pid_t sender = ::fork();
  if (sender == 0) {
    send_all(address, length, n);
    ::_exit(0);
  }
  std::vector<int> connections(static_cast<std::size_t>(n));
  for (int& connection : connections) {
    connection = ::accept(listener, nullptr, nullptr);
    bench::require(connection >= 0, "a connection is accepted");
  }
  asyncio::run(answer_all(connections));
  for (int connection : connections) ::close(connection);
  ::close(listener);
  int status = 1;
  bench::require(::waitpid(sender, &status, 0) == sender && status == 0, "all came back");
}

void task_sleep(long n) { asyncio::run(sleep_together(n)); }
void task_spawn_join(long n) { asyncio::run(spawn_and_join(n)); }
void timer_fire(long n) { asyncio::run(fire(n)); }
void timer_set_cancel(long n) { asyncio::run(set_and_cancel(n)); }

}  // namespace

int main(int argc, char** argv) {
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"task_spawn_join", 1000, task_spawn_join, Warm::no},
      {"task_sleep", 1000, task_sleep, Warm::no},
      {"timer_set_cancel", 1000, timer_set_cancel, Warm::no},
      {"timer_fire", 1000, timer_fire, Warm::no},
      {"connection_byte", 1000, connection_byte, Warm::no},
  };
  return bench::main(argc, argv, table);
}
