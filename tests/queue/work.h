// What the tests of queues share.
#pragma once

#include <doctest/doctest.h>
#include <heddle/queue.h>
#include <heddle/threading/thread.h>

#include <chrono>
#include <deque>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace queue = heddle::queue;
namespace threading = heddle::threading;
using namespace std::chrono_literals;

// A thread that is joined at the end of the scope.
class Worker {
 public:
  template <class F>
  explicit Worker(F function) : thread_(std::move(function)) {
    thread_.start();
  }
  Worker(const Worker&) = delete;  // a copied Thread is the same one
  Worker& operator=(const Worker&) = delete;
  ~Worker() { thread_.join(); }
  void join() { thread_.join(); }
  bool is_alive() const { return thread_.is_alive(); }

  // Waits until the thread sleeps in the kernel. What is tested holds without this too; with it,
  // the thread is where the title says.
  void until_asleep() const {
    std::string path = "/proc/self/task/" + std::to_string(*thread_.native_id()) + "/stat";
    for (;;) {
      std::string line;
      std::getline(std::ifstream(path), line);
      std::size_t name_end = line.rfind(')');
      if (name_end == line.npos || line[name_end + 2] == 'S') return;
      std::this_thread::yield();
    }
  }

 private:
  threading::Thread thread_;
};

// What a call did: "ok", or the name of its exception.
template <class F>
std::string outcome(F call) {
  try {
    call();
  } catch (const queue::Empty&) {
    return "Empty";
  } catch (const queue::Full&) {
    return "Full";
  } catch (const queue::ShutDown&) {
    return "ShutDown";
  } catch (const heddle::CancelledError&) {
    return "CancelledError";
  } catch (const heddle::ValueError& error) {
    return "ValueError: " + std::string(error.what());
  }
  return "ok";
}

// An item that only moves, and says whether it was moved from.
using Parcel = std::unique_ptr<int>;
inline Parcel parcel(int number) { return std::make_unique<int>(number); }
