// The rows of the heddle program, by subject; bench/rows.toml says what each of them does.
#pragma once

#include <heddle/asyncio.h>

#include "../harness.h"

namespace rows {

void await_ready(long n);
void spawn_join(long n);
void yield(long n);
void gather10(long n);
void gather1000(long n);
void gather1m(long n);
void taskgroup1000(long n);
void agen(long n);

void sleep_many(long n);
void timer_cancel(long n);
void timer_cancel_armed(long n);
void timer_fire(long n);
void wait_for(long n);
void timeout_ctx(long n);

void cancel_storm(long n);
void cancel_storm_unread(long n);
void queue_spsc(long n);
void queue_mpmc(long n);
void mutex_uncontended(long n);
void mutex_handoff(long n);

void post_rt(long n);
void post_tp(long n);
void exec_rt(long n);
void exec_tp0(long n);
void exec_tp1(long n);
void exec_tp10(long n);
void map_chunk1(long n);
void map_chunk100(long n);
void tq_spsc(long n);
void tq_mpmc(long n);
void offload_rt(long n);

void proc_rt(long n);
void proc_tp0(long n);
void proc_map1(long n);
void proc_map100(long n);
void proc_1m(long n);
void proc_start(long n);

void startup(long n);

}  // namespace rows
