#include <heddle/multiprocessing.h>
#include <poll.h>
#include <signal.h>

#include <cstdio>
#include <thread>

#include "seed/print.h"

namespace mp = heddle::multiprocessing;
using namespace std::chrono_literals;

static void run(std::string kind) {
  if (kind == "exit3") throw heddle::SystemExit(3);
  if (kind == "exitstr" || kind == "raise") {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) throw heddle::SystemExit(4);
    throw heddle::ValueError("text");
  }
  if (kind == "sleep") std::this_thread::sleep_for(30s);
}

int main(int argc, char** argv) {
  mp::init(argc, argv);
  for (std::string kind : {"ok", "exit3", "exitstr", "raise"}) {
    mp::Process p(run, kind);
    p.start();
    p.join();
    print(kind, p.exitcode());
  }
  mp::Process napper(mp::ProcessOptions().name("napper").daemon(true), run, std::string("sleep"));
  print(napper.name(), napper.daemon(), napper.pid(), napper.exitcode(), napper.is_alive());
  napper.start();
  napper.join(50ms);
  print("timed join:", std::nullopt, napper.exitcode(), napper.is_alive(),
        mp::active_children().size());
  napper.terminate();
  pollfd sentinel{.fd = napper.sentinel(), .events = POLLIN, .revents = 0};
  print("sentinel ready:", ::poll(&sentinel, 1, 5000) == 1);
  napper.join();
  print("terminated:", napper.exitcode() == -SIGTERM);
  mp::Process p(run, std::string("sleep"));
  p.start();
  p.kill();
  p.join();
  print("killed:", p.exitcode() == -SIGKILL);
  p.close();
  try {
    p.exitcode();
  } catch (const heddle::ValueError& e) {
    print("ValueError:", e);
  }
}
