// heddle's program: every row as a user of the public API would write it.
#include <heddle/multiprocessing.h>

#include "rows.h"

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"await_ready", 20'000'000, rows::await_ready},
      {"spawn_join", 5'000'000, rows::spawn_join},
      {"yield", 20'000'000, rows::yield},
      {"gather10", 5'000'000, rows::gather10},
      {"gather1000", 5'000'000, rows::gather1000},
      {"gather1m", 2'000'000, rows::gather1m},
      {"taskgroup1000", 5'000'000, rows::taskgroup1000},
      {"sleep_many", 1'000'000, rows::sleep_many, Warm::no},
      {"timer_cancel", 3'000'000, rows::timer_cancel},
      {"timer_cancel_armed", 2'000'000, rows::timer_cancel_armed},
      {"timer_fire", 300'000, rows::timer_fire, Warm::no},
      {"wait_for", 3'000'000, rows::wait_for},
      {"timeout_ctx", 3'000'000, rows::timeout_ctx},
      {"cancel_storm", 100'000, rows::cancel_storm},
      {"cancel_storm_unread", 500'000, rows::cancel_storm_unread},
      {"agen", 20'000'000, rows::agen},
      {"queue_spsc", 10'000'000, rows::queue_spsc},
      {"queue_mpmc", 10'000'000, rows::queue_mpmc},
      {"mutex_uncontended", 50'000'000, rows::mutex_uncontended},
      {"mutex_handoff", 5'000'000, rows::mutex_handoff},
      {"post_rt", 20'000, rows::post_rt},
      {"post_tp", 3'000'000, rows::post_tp},
      {"exec_rt", 20'000, rows::exec_rt},
      {"exec_tp0", 1'000'000, rows::exec_tp0},
      {"exec_tp1", 500'000, rows::exec_tp1},
      {"exec_tp10", 100'000, rows::exec_tp10},
      {"map_chunk1", 1'000'000, rows::map_chunk1},
      {"map_chunk100", 1'000'000, rows::map_chunk100},
      {"tq_spsc", 3'000'000, rows::tq_spsc},
      {"tq_mpmc", 1'000'000, rows::tq_mpmc},
      {"offload_rt", 20'000, rows::offload_rt},
      {"proc_rt", 5'000, rows::proc_rt},
      {"proc_tp0", 50'000, rows::proc_tp0},
      {"proc_map1", 50'000, rows::proc_map1},
      {"proc_map100", 1'000'000, rows::proc_map100},
      {"proc_1m", 300, rows::proc_1m},
      {"proc_start", 50, rows::proc_start, Warm::no},
      {"startup", 1, rows::startup, Warm::no},
  };
  return bench::main(argc, argv, table);
}
