// What a queue knows of its two ends, which are alike: a getter may go while its end is behind the
// putters' one, a putter while its end is less than maxsize ahead of the getters' one.
//
// An end has a gate, through which one thread at a time goes, and a position that the other end
// reads. Inside the gate an end keeps how far it may go by the last position it has read, and reads
// again only when it gets there: two threads at the two ends share a cache line once a batch, not
// once an item.
//
// Sleeping. A thread with nothing to do reads the signal of its end, goes through the gate of the
// other end, looks there once more and leaves an alarm if there is still nothing, and sleeps while
// the signal is what it read. Who moves past an alarm takes it away, raises the signal and wakes
// one thread. A thread that has slept owes: when it leaves its end, for whatever reason, and others
// sleep there, it wakes one of them if there is something to do, and leaves the alarm again if not.
//
//   Invariant: while threads sleep at an end, the alarm is at the other one, or the signal was
//   raised and a thread that owes has not left yet. So a burst costs one wake-up at a time, and
//   none is lost.
//
// Nobody enters a gate while holding another, but for shutdown(), which takes the putters' first.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/spin.h"
#include "queue/gate.h"
#include "queue/sleep.h"

namespace heddle::queue::detail {

struct alignas(64) QueueEnd {
  // Inside the gate.
  std::uint64_t moved = 0;  // items that have passed here
  std::uint64_t limit = 0;  // how many may pass, as far as is known
  std::uint64_t ahead = 0;  // how far this end may be before the other one
  std::uint32_t asleep = 0;
  bool alarm = false;  // threads of the other end sleep until this one moves
  Pace pace;
  // Constant.
  bool is_put = false;
  Gate* gate = nullptr;
  QueueEnd* other = nullptr;

  std::atomic<std::uint64_t> position{0};  // moved, for the other end and everybody
  Gate own_gate;
  alignas(64) std::atomic<std::uint32_t> signal{0};
  core::Spin spin;
};

struct QueueState {
  QueueEnd putters;
  QueueEnd getters;
  std::ptrdiff_t maxsize = 0;
  std::atomic<bool> closed{false};  // changes while both gates are held

  // task_done() calls, times two; bit 0: somebody waits in join().
  alignas(64) std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint32_t> joiners{0};  // their signal
};

}  // namespace heddle::queue::detail
