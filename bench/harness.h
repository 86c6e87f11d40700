// The frame of a benchmark program: a table of rows.
//
//     program            lists its rows, each with the number of operations of a full sample
//     program ROW        one sample: a warm-up of a twentieth, then the full number
//     program ROW N      exactly N operations without a warm-up
//
// A sample prints "row value" lines: nanoseconds an operation unless the row says otherwise.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

namespace bench {

// Keeps the compiler from dropping a value.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

// Ends the program when a row did not do its work.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "the row did not do its work: %s\n", what);
  std::exit(1);
}

inline bool warming_up = false;

inline void report(const char* row, double value) {
  if (warming_up) return;
  std::printf("%s %.3f\n", row, value);
  std::fflush(stdout);
}

inline double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The peak of this program's memory; getrusage() would count what the process was before exec().
inline double peak_bytes() {
  std::FILE* file = std::fopen("/proc/self/status", "r");
  require(file != nullptr, "memory can be read");
  char line[256];
  long kib = 0;
  while (std::fgets(line, sizeof line, file) && std::sscanf(line, "VmHWM: %ld", &kib) != 1) {
  }
  std::fclose(file);
  return static_cast<double>(kib) * 1024;
}

// Runs from its construction; report() gives nanoseconds an operation.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }
  double cpu() const { return cpu_seconds() - cpu_begin_; }
  void report(const char* row, long operations) const {
    bench::report(row, seconds() * 1e9 / static_cast<double>(operations));
  }
  void report_cpu(const char* row, long operations) const {
    bench::report(row, cpu() * 1e9 / static_cast<double>(operations));
  }

 private:
  using Clock = std::chrono::steady_clock;
  double cpu_begin_ = cpu_seconds();
  Clock::time_point begin_ = Clock::now();
};

// Keeps a CPU busy for this long: the body of a job.
inline void busy(std::chrono::nanoseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

enum class Warm : bool { no, yes };

struct Row {
  const char* name;
  long operations;
  void (*run)(long operations);
  Warm warm = Warm::yes;
};

inline int main(int argc, char** argv, std::span<const Row> rows) {
  if (argc < 2) {
    for (const Row& row : rows) std::printf("%s %ld\n", row.name, row.operations);
    return 0;
  }
  for (const Row& row : rows) {
    if (std::strcmp(row.name, argv[1]) != 0) continue;
    if (argc > 2) {
      row.run(std::atol(argv[2]));
      return 0;
    }
    if (row.warm == Warm::yes) {
      warming_up = true;
      row.run(row.operations / 20);
      warming_up = false;
    }
    row.run(row.operations);
    return 0;
  }
  std::fprintf(stderr, "no row %s: without arguments I list mine\n", argv[1]);
  return 2;
}

}  // namespace bench
