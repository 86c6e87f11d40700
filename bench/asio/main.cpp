// The rows that Asio has, as its documentation writes C++20 coroutines: use_awaitable, co_spawn,
// a timer that is cancelled as an event, experimental::channel as a queue, thread_pool.
#include "rows.h"

int main(int argc, char** argv) {
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"await_ready", 20'000'000, rows::await_ready},
      {"spawn_join", 2'000'000, rows::spawn_join},
      {"yield", 5'000'000, rows::yield},
      {"gather10", 2'000'000, rows::gather10},
      {"gather1000", 2'000'000, rows::gather1000},
      {"gather1m", 2'000'000, rows::gather1m},
      {"sleep_many", 1'000'000, rows::sleep_many, Warm::no},
      {"timer_cancel", 3'000'000, rows::timer_cancel},
      {"timer_cancel_armed", 1'000'000, rows::timer_cancel_armed},
      {"timer_fire", 300'000, rows::timer_fire, Warm::no},
      {"wait_for", 100'000, rows::wait_for},
      {"cancel_storm", 100'000, rows::cancel_storm},
      {"queue_spsc", 2'000'000, rows::queue_spsc},
      {"queue_mpmc", 2'000'000, rows::queue_mpmc},
      {"post_rt", 20'000, rows::post_rt},
      {"post_tp", 2'000'000, rows::post_tp},
      {"exec_rt", 20'000, rows::exec_rt},
      {"exec_tp0", 1'000'000, rows::exec_tp0},
      {"exec_tp1", 500'000, rows::exec_tp1},
      {"exec_tp10", 100'000, rows::exec_tp10},
      {"offload_rt", 20'000, rows::offload_rt},
      {"startup", 1, rows::startup, Warm::no},
  };
  return bench::main(argc, argv, table);
}
