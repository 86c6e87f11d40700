// The rows of the Asio program, by subject.
#pragma once

#include <asio.hpp>

#include "../harness.h"

namespace rows {

void await_ready(long n);
void spawn_join(long n);
void yield(long n);
void gather10(long n);
void gather1000(long n);
void gather1m(long n);
void sleep_many(long n);
void timer_cancel(long n);
void timer_cancel_armed(long n);
void timer_fire(long n);
void wait_for(long n);
void cancel_storm(long n);
void queue_spsc(long n);
void queue_mpmc(long n);

void post_rt(long n);
void post_tp(long n);
void exec_rt(long n);
void exec_tp0(long n);
void exec_tp1(long n);
void exec_tp10(long n);
void offload_rt(long n);
void startup(long n);

// Runs one coroutine on a context of its own.
void run(asio::awaitable<void> coroutine);

}  // namespace rows
