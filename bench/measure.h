// Measuring one row: an operation repeated n times, timed by the monotonic clock around the loop
// only.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

// --quick: a hundredth of the rounds, to see that the programs still run.
inline long rounds(int argc, char** argv, long full) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) return full / 100 > 0 ? full / 100 : 1;
  }
  return full;
}

// Keeps the compiler from dropping a value.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

class Row {
 public:
  Row(const char* name, long operations)
      : name_(name), operations_(operations), begin_(Clock::now()) {}
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() {
    double nanoseconds = std::chrono::duration<double, std::nano>(Clock::now() - begin_).count();
    std::printf("%s %.2f\n", name_, nanoseconds / static_cast<double>(operations_));
    std::fflush(stdout);
  }

 private:
  using Clock = std::chrono::steady_clock;
  const char* name_;
  long operations_;
  Clock::time_point begin_;
};

}  // namespace bench
