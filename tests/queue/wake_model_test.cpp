// A model of how threads sleep and are woken at the ends of a queue (src/queue/queue_state.h): all
// interleavings of a few threads, step by step. A step is what others cannot see the middle of.
// What is promised: when nobody can move any more, nobody sleeps who has something to do. The model
// is sequentially consistent; the code gets that from its gates, as queue_core.cpp argues.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace {

enum Step : std::uint8_t {
  enter,        // own gate; look
  pass,         // inside: the position moves
  leave,        // takes the alarm, and the gate is free
  turn_away,    // inside: nothing to do; the gate is free while it spins
  enlist,       // own gate again: reads the signal, counts itself in
  last_look,    // other gate: looks, or leaves the alarm
  begin_sleep,  // the kernel compares the signal
  asleep,
  return_,      // own gate: counts itself out; looks
  raise_other,  // the signal first
  wake_other,   // then the kernel wakes one that sleeps, any
  pay,          // other gate: what a thread owes that has slept
  raise_own,
  wake_own,
  finished
};

struct Thread {
  std::uint8_t end, step = enter, operations, seen = 0, moved = 0;
  bool may_time_out, timed_out = false, slept = false, owes = false;
};

constexpr std::size_t threads_max = 5;

struct World {
  std::array<std::uint8_t, 2> gate_held{}, moved{}, ahead{}, alarm{}, signal{}, counted{};
  std::array<Thread, threads_max> threads{};
  std::uint8_t count = 0;

  void add(std::uint8_t end, std::uint8_t operations, bool may_time_out = false) {
    threads[count++] = Thread{.end = end, .operations = operations, .may_time_out = may_time_out};
  }
};
static_assert(std::has_unique_object_representations_v<World>);

// Which rule of the protocol is left out.
enum class Without { nothing, the_debt, the_last_look, the_signal };

class Search {
 public:
  explicit Search(Without without) : without_(without) {}

  // How many states there are; 0 when somebody sleeps for ever with something to do.
  std::size_t explore(const World& start) {
    found_ = false;
    visit(start);
    while (!open_.empty() && !found_) {
      World world = open_.back();
      open_.pop_back();
      std::size_t before = moves_;
      for (std::uint8_t i = 0; i < world.count; ++i) step(world, i);
      if (moves_ == before) check_end(world);
    }
    return found_ ? 0 : seen_.size();
  }

 private:
  void visit(const World& world) {
    ++moves_;
    std::string key(reinterpret_cast<const char*>(&world), sizeof world);
    if (seen_.insert(std::move(key)).second) open_.push_back(world);
  }
  static bool may_go(const World& w, int end, std::uint8_t moved) {
    return moved < w.moved[1 - end] + w.ahead[end];
  }
  void check_end(const World& world) {
    for (const Thread& thread : world.threads) {
      if (thread.step == asleep && may_go(world, thread.end, world.moved[thread.end]))
        found_ = true;
    }
  }
  void wake_one(const World& world, std::uint8_t end) {
    bool anybody = false;
    for (std::uint8_t i = 0; i < world.count; ++i) {
      if (world.threads[i].step != asleep || world.threads[i].end != end) continue;
      World next = world;
      next.threads[i].step = return_;
      visit(next);
      anybody = true;
    }
    if (!anybody) visit(world);
  }

  void step(World w, std::uint8_t index) {
    Thread& t = w.threads[index];
    std::uint8_t own = t.end, other = 1 - own;
    switch (t.step) {
      case enter:
      case return_:
      case enlist:
        if (w.gate_held[own]) return;
        return inside_own(w, t);
      case pass:
        ++w.moved[own];
        t.step = leave;
        return visit(w);
      case leave:
        leave_gate(w, t, true);
        return visit(w);
      case turn_away:
        w.gate_held[own] = 0;
        t.step = enlist;
        return visit(w);
      case last_look:
      case pay:
        if (w.gate_held[other]) return;
        return at_other(w, t);
      case begin_sleep:
        t.step = w.signal[own] == t.seen ? asleep : return_;
        return visit(w);
      case asleep:
        if (!t.may_time_out) return;
        t.timed_out = true;
        t.step = return_;
        return visit(w);
      case raise_other:
      case raise_own:
        if (without_ != Without::the_signal) ++w.signal[t.step == raise_own ? own : other];
        t.step = t.step == raise_own ? wake_own : wake_other;
        return visit(w);
      case wake_other:
        t.step = after_waking(t);
        return wake_one(w, other);
      case wake_own:
        t.step = done(t);
        return wake_one(w, own);
      default:
        return;
    }
  }
  void inside_own(World& w, Thread& t) {
    std::uint8_t own = t.end;
    if (t.step == enlist) {
      t.seen = w.signal[own];
      t.moved = w.moved[own];
      t.slept = true;
      ++w.counted[own];
      t.step = without_ == Without::the_last_look ? begin_sleep : last_look;
      if (t.step == begin_sleep) w.alarm[1 - own] = 1;
      return visit(w);
    }
    if (t.step == return_) --w.counted[own];
    w.gate_held[own] = 1;
    if (may_go(w, own, w.moved[own])) {
      t.step = pass;
    } else if (t.timed_out) {
      t.operations = 1;
      leave_gate(w, t, false);
    } else {
      t.step = turn_away;
    }
    visit(w);
  }
  void leave_gate(World& w, Thread& t, bool passed) {
    bool wakes = passed && w.alarm[t.end];
    if (passed) w.alarm[t.end] = 0;
    t.owes = t.slept && w.counted[t.end] > 0 && without_ != Without::the_debt;
    t.moved = w.moved[t.end];
    w.gate_held[t.end] = 0;
    t.step = wakes ? static_cast<std::uint8_t>(raise_other) : after_waking(t);
  }
  void at_other(World& w, Thread& t) {
    bool something = may_go(w, t.end, t.moved);
    if (!something) w.alarm[1 - t.end] = 1;
    if (t.step == pay) {
      t.step = something ? static_cast<std::uint8_t>(raise_own) : done(t);
    } else {
      t.step = something ? return_ : begin_sleep;
    }
    visit(w);
  }
  static std::uint8_t after_waking(Thread& t) {
    return t.owes ? static_cast<std::uint8_t>(pay) : done(t);
  }
  static std::uint8_t done(Thread& t) {
    t.slept = t.owes = false;
    return --t.operations == 0 ? finished : enter;
  }

  Without without_;
  bool found_ = false;
  std::size_t moves_ = 0;
  std::vector<World> open_;
  std::unordered_set<std::string> seen_;
};

constexpr std::uint8_t putters = 0, getters = 1;

World queue_of(std::uint8_t maxsize) {
  World world;
  world.ahead = {maxsize, 0};
  return world;
}

// Two items for two getters.
World burst() {
  World world = queue_of(2);
  world.add(putters, 2);
  world.add(getters, 1);
  world.add(getters, 1);
  return world;
}

}  // namespace

TEST_CASE("wake model: nobody sleeps for ever in a bounded queue of one") {
  World two_at_each_end = queue_of(1);
  for (std::uint8_t end : {putters, putters, getters, getters}) two_at_each_end.add(end, 1);
  CHECK(Search(Without::nothing).explore(two_at_each_end) > 1000);
  World again_and_again = queue_of(1);
  again_and_again.add(putters, 3);
  again_and_again.add(getters, 2);
  again_and_again.add(getters, 1);
  CHECK(Search(Without::nothing).explore(again_and_again) > 1000);
}

TEST_CASE("wake model: a getter that times out loses nobody's wake-up") {
  World world = burst();
  world.add(getters, 1, true);
  CHECK(Search(Without::nothing).explore(world) > 1000);
}

TEST_CASE("wake model: a putter that times out loses nobody's wake-up") {
  World world = queue_of(1);
  world.add(putters, 1);
  world.add(putters, 1);
  world.add(putters, 1, true);
  world.add(getters, 2);
  CHECK(Search(Without::nothing).explore(world) > 1000);
}

TEST_CASE("wake model: each rule is needed, and the search finds what happens without it") {
  CHECK(Search(Without::nothing).explore(burst()) > 0);
  CHECK(Search(Without::the_debt).explore(burst()) == 0);
  CHECK(Search(Without::the_last_look).explore(burst()) == 0);
  CHECK(Search(Without::the_signal).explore(burst()) == 0);
}
