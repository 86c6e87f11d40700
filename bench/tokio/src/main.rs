//! The rows that tokio has, as its documentation writes them; rows of one thread on the
//! current_thread runtime. Usage and output as of the C++ programs (bench/harness.h).

mod measure;
mod sync_rows;
mod task_rows;
mod thread_rows;
mod timer_rows;

use measure::Row;

const ROWS: &[Row] = &[
    Row { name: "await_ready", operations: 20_000_000, run: task_rows::await_ready, warm: true },
    Row { name: "spawn_join", operations: 5_000_000, run: task_rows::spawn_join, warm: true },
    Row { name: "yield", operations: 5_000_000, run: task_rows::yield_now, warm: true },
    Row { name: "gather10", operations: 5_000_000, run: task_rows::gather10, warm: true },
    Row { name: "gather1000", operations: 5_000_000, run: task_rows::gather1000, warm: true },
    Row { name: "gather1m", operations: 2_000_000, run: task_rows::gather1m, warm: true },
    Row { name: "taskgroup1000", operations: 2_000_000, run: task_rows::taskgroup1000, warm: true },
    Row { name: "sleep_many", operations: 1_000_000, run: timer_rows::sleep_many, warm: false },
    Row { name: "timer_cancel", operations: 1_000_000, run: timer_rows::timer_cancel, warm: true },
    Row { name: "timer_cancel_armed", operations: 1_000_000, run: timer_rows::timer_cancel_armed, warm: true },
    Row { name: "timer_fire", operations: 300_000, run: timer_rows::timer_fire, warm: false },
    Row { name: "wait_for", operations: 1_000_000, run: timer_rows::wait_for, warm: true },
    Row { name: "cancel_storm_unread", operations: 1_000_000, run: sync_rows::cancel_storm_unread, warm: true },
    Row { name: "queue_spsc", operations: 10_000_000, run: sync_rows::queue_spsc, warm: true },
    Row { name: "mutex_uncontended", operations: 20_000_000, run: sync_rows::mutex_uncontended, warm: true },
    Row { name: "mutex_handoff", operations: 2_000_000, run: sync_rows::mutex_handoff, warm: true },
    Row { name: "post_rt", operations: 20_000, run: thread_rows::post_rt, warm: true },
    Row { name: "post_tp", operations: 5_000_000, run: thread_rows::post_tp, warm: true },
    Row { name: "exec_rt", operations: 20_000, run: thread_rows::exec_rt, warm: true },
    Row { name: "exec_tp0", operations: 1_000_000, run: thread_rows::exec_tp0, warm: true },
    Row { name: "exec_tp1", operations: 500_000, run: thread_rows::exec_tp1, warm: true },
    Row { name: "exec_tp10", operations: 100_000, run: thread_rows::exec_tp10, warm: true },
    Row { name: "tq_spsc", operations: 5_000_000, run: thread_rows::tq_spsc, warm: true },
    Row { name: "offload_rt", operations: 20_000, run: thread_rows::offload_rt, warm: true },
    Row { name: "startup", operations: 1, run: task_rows::startup, warm: false },
];

fn main() {
    measure::main(ROWS);
}
