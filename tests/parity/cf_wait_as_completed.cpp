#include <heddle/futures.h>

#include <algorithm>
#include <thread>

#include "seed/print.h"

namespace futures = heddle::futures;
using namespace std::chrono_literals;
using Fs = std::vector<futures::Future<double>>;

static double job(double delay, bool fail = false) {
  std::this_thread::sleep_for(std::chrono::duration<double>(delay));
  if (fail) throw heddle::KeyError(parity::str(delay));
  return delay;
}

int main() {
  futures::ThreadPoolExecutor ex(4);
  Fs fs{ex.submit(job, 0.3, false), ex.submit(job, 0.1, false), ex.submit(job, 0.2, true)};
  auto names = [&](const Fs& some) {
    std::vector<std::string> found;
    for (const auto& f : some)
      found.emplace_back(
          1, static_cast<char>('a' + (std::find(fs.begin(), fs.end(), f) - fs.begin())));
    std::sort(found.begin(), found.end());
    return found;
  };
  auto show = [&](const futures::WaitResult<futures::Future<double>>& r) {
    return std::tuple(names(r.done), names(r.not_done));
  };
  print("timeout", show(futures::wait(fs, {.timeout = 20ms})));
  print("first completed", show(futures::wait(fs, {.return_when = futures::FIRST_COMPLETED})));
  print("first exception", show(futures::wait(fs, {.return_when = futures::FIRST_EXCEPTION})));
  print("all", show(futures::wait(fs)));
  Fs gs;
  for (double d : {0.3, 0.1, 0.2}) gs.push_back(ex.submit(job, d, false));
  Fs twice = gs;
  twice.insert(twice.end(), gs.begin(), gs.end());
  std::vector<double> results;
  for (const auto& f : futures::as_completed(twice)) results.push_back(f.result());
  print(results);
  auto slow = ex.submit(job, 0.3, false);
  try {
    futures::as_completed(Fs{slow}, 50ms).begin();
  } catch (const heddle::TimeoutError& e) {
    print("TimeoutError:", e);
  }
}
