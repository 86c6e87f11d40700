// spawn TIMES PROGRAM ARGUMENTS…: starts it again and again, prints "startup" and the milliseconds
// of one from its start to its end.
#include <spawn.h>
#include <sys/wait.h>

#include "../harness.h"

extern char** environ;

int main(int argc, char** argv) {
  bench::require(argc > 2, "usage: spawn TIMES PROGRAM ARGUMENTS");
  long times = std::atol(argv[1]);
  bench::Stopwatch watch;
  for (long i = 0; i < times; ++i) {
    pid_t child = 0;
    int status = 0;
    bench::require(posix_spawn(&child, argv[2], nullptr, nullptr, argv + 2, environ) == 0,
                   "the program starts");
    bench::require(waitpid(child, &status, 0) == child && status == 0, "the program succeeds");
  }
  bench::report("startup", watch.seconds() * 1e3 / static_cast<double>(times));
}
