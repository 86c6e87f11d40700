// The rows that libuv has: timers, uv_async_send, uv_queue_work.
#include <uv.h>

#include <semaphore>
#include <thread>
#include <vector>

#include "../harness.h"

namespace {

void never(uv_timer_t*) { bench::require(false, "a timer of a minute fired"); }

void close_all(uv_loop_t& loop) {
  uv_walk(
      &loop,
      [](uv_handle_t* handle, void*) {
        if (!uv_is_closing(handle)) uv_close(handle, nullptr);
      },
      nullptr);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
}

void timer_cancel(long n) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::vector<uv_timer_t> standing(100'000);
  for (std::size_t i = 0; i < standing.size(); ++i) {
    uv_timer_init(&loop, &standing[i]);
    uv_timer_start(&standing[i], never, 60'000 + i, 0);
  }
  uv_timer_t timer;
  uv_timer_init(&loop, &timer);
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    uv_timer_start(&timer, never, static_cast<std::uint64_t>(60'000 + i % 60'000), 0);
    uv_timer_stop(&timer);
    if (i % 1000 == 999) uv_run(&loop, UV_RUN_NOWAIT);
  }
  watch.report("timer_cancel", n);
  close_all(loop);
}

long fired = 0;

void timer_fire(long n) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::vector<uv_timer_t> timers(static_cast<std::size_t>(n));
  fired = 0;
  bench::Stopwatch watch;
  for (long i = 0; i < n; ++i) {
    uv_timer_t& timer = timers[static_cast<std::size_t>(i)];
    uv_timer_init(&loop, &timer);
    uv_timer_start(
        &timer, [](uv_timer_t*) { ++fired; }, static_cast<std::uint64_t>(1 + i * 7919 % 1000), 0);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  watch.report_cpu("timer_fire", n);
  bench::require(fired == n, "every timer fired");
  close_all(loop);
}

std::binary_semaphore answered(0);

void post_rt(long n) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_async_t post;
  uv_async_init(&loop, &post, [](uv_async_t*) { answered.release(); });
  uv_async_t over;
  uv_async_init(&loop, &over, [](uv_async_t* async) { uv_stop(async->loop); });
  std::thread foreign([&] {
    bench::Stopwatch watch;
    for (long i = 0; i < n; ++i) {
      uv_async_send(&post);
      answered.acquire();
    }
    watch.report("post_rt", n);
    uv_async_send(&over);
  });
  uv_run(&loop, UV_RUN_DEFAULT);
  foreign.join();
  close_all(loop);
}

long calls_left = 0;

void offload_next(uv_work_t* work, int status) {
  bench::require(status == 0, "no call is cancelled");
  if (--calls_left > 0) uv_queue_work(work->loop, work, [](uv_work_t*) {}, offload_next);
}

void offload_rt(long n) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  calls_left = n + 1;
  uv_work_t work;
  bench::Stopwatch watch;
  uv_queue_work(&loop, &work, [](uv_work_t*) {}, offload_next);
  uv_run(&loop, UV_RUN_DEFAULT);
  watch.report("offload_rt", n + 1);
  close_all(loop);
}

void startup(long) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
}

}  // namespace

int main(int argc, char** argv) {
  using bench::Warm;
  static constexpr bench::Row table[] = {
      {"timer_cancel", 3'000'000, timer_cancel},
      {"timer_fire", 300'000, timer_fire, Warm::no},
      {"post_rt", 20'000, post_rt},
      {"offload_rt", 20'000, offload_rt},
      {"startup", 1, startup, Warm::no},
  };
  return bench::main(argc, argv, table);
}
