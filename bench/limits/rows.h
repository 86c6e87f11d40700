// The rows of the limits program, by subject.
#pragma once

#include "../harness.h"

namespace rows {

void await_ready(long n);
void spawn_join(long n);
void yield(long n);
void gather10(long n);
void gather1000(long n);
void gather1m(long n);
void agen(long n);
void sleep_many(long n);
void timer_cancel(long n);
void timer_cancel_armed(long n);
void wait_for(long n);
void queue_spsc(long n);
void queue_mpmc(long n);
void mutex_uncontended(long n);
void mutex_handoff(long n);

void malloc_free(long n);
void frame_pool(long n);
void clock_read(long n);
void eventfd_write(long n);
void throw_catch(long n);
void throw_coroutine(long n);
void futex_rt(long n);
void futex_spin_rt(long n);
void spsc_ring(long n);
void thread_start_join(long n);

}  // namespace rows
