// How fast could it be? Hand-written minimal programs of the same shape as the rows, compiled as
// heddle is, and the parts they are made of.
#include "rows.h"

static void nothing(long) {}

int main(int argc, char** argv) {
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"await_ready", 50'000'000, rows::await_ready},
      {"spawn_join", 20'000'000, rows::spawn_join},
      {"yield", 100'000'000, rows::yield},
      {"gather10", 50'000'000, rows::gather10},
      {"gather1000", 50'000'000, rows::gather1000},
      {"gather1m", 5'000'000, rows::gather1m},
      {"agen", 200'000'000, rows::agen},
      {"sleep_many", 1'000'000, rows::sleep_many, Warm::no},
      {"timer_cancel", 20'000'000, rows::timer_cancel},
      {"timer_cancel_armed", 10'000'000, rows::timer_cancel_armed},
      {"wait_for", 20'000'000, rows::wait_for},
      {"queue_spsc", 100'000'000, rows::queue_spsc},
      {"queue_mpmc", 100'000'000, rows::queue_mpmc},
      {"mutex_uncontended", 200'000'000, rows::mutex_uncontended},
      {"mutex_handoff", 50'000'000, rows::mutex_handoff},
      {"startup", 1, nothing, Warm::no},
      {"malloc_free", 30'000'000, rows::malloc_free},
      {"frame_pool", 100'000'000, rows::frame_pool},
      {"clock_read", 10'000'000, rows::clock_read},
      {"eventfd_write", 1'000'000, rows::eventfd_write},
      {"throw_catch", 200'000, rows::throw_catch},
      {"throw_coroutine", 100'000, rows::throw_coroutine},
      {"futex_rt", 20'000, rows::futex_rt},
      {"futex_spin_rt", 100'000, rows::futex_spin_rt},
      {"spsc_ring", 20'000'000, rows::spsc_ring},
      {"thread_start_join", 10'000, rows::thread_start_join},
  };
  return bench::main(argc, argv, table);
}
