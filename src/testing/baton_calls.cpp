// The entries of the kernel table while a run of threads lasts. A thread that is not of the run
// gets the calls themselves; what it wakes in the run is looked at again.
#include <cerrno>

#include "core/kernel.h"
#include "testing/baton.h"
#include "testing/unseen.h"

namespace heddle::testing {

using core::SystemCalls;

// Not unnamed: in release builds nothing refers to them.
namespace baton_calls {

static std::atomic<Baton*> present{nullptr};
static std::atomic<int> foreign_waiters{0};
static constinit thread_local bool starts_the_run = false;

int futex_wait(std::uint32_t* word, std::uint32_t expected, std::int64_t nanoseconds) {
  if (BatonThread* self = baton_thread())
    return self->baton->wait(*self, word, expected, nanoseconds);
  foreign_waiters.fetch_add(1);
  int result = SystemCalls::futex_wait(word, expected, nanoseconds);
  int saved = errno;
  foreign_waiters.fetch_sub(1);
  errno = saved;
  return result;
}

int futex_wake(std::uint32_t* word, int count) {
  BatonThread* self = baton_thread();
  if (self == nullptr) {
    if (Baton* baton = present.load()) baton->disturbed();
    return SystemCalls::futex_wake(word, count);
  }
  int woken = self->baton->wake(*self, word, count);
  if (foreign_waiters.load() > 0) SystemCalls::futex_wake(word, count);
  return woken;
}

std::int64_t monotonic_now() {
  BatonThread* self = baton_thread();
  return self != nullptr ? self->baton->read_clock() : SystemCalls::monotonic_now();
}

void scheduling_point(const char* site) noexcept {
  BatonThread* self = baton_thread();
  if (self == nullptr) return;
  int saved = errno;
  self->baton->point_at(*self, site);
  errno = saved;
}

bool may_spin() noexcept { return baton_thread() == nullptr; }

int thread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*entry)(void*),
                  void* argument, const char* name) {
  BatonThread* self = baton_thread();
  Baton* baton = self != nullptr ? self->baton : starts_the_run ? present.load() : nullptr;
  if (baton == nullptr)
    return SystemCalls::thread_create(thread, attributes, entry, argument, name);
  return baton->create(thread, attributes, entry, argument, name);
}

int thread_join(pthread_t thread) {
  BatonThread* self = baton_thread();
  return self != nullptr ? self->baton->join(*self, thread) : SystemCalls::thread_join(thread);
}

int thread_detach(pthread_t thread) {
  BatonThread* self = baton_thread();
  return self != nullptr ? self->baton->detach(thread) : SystemCalls::thread_detach(thread);
}

int epoll_wait(int epoll, epoll_event* events, int capacity, std::int64_t nanoseconds) {
  BatonThread* self = baton_thread();
  if (self == nullptr) return SystemCalls::epoll_wait(epoll, events, capacity, nanoseconds);
  return self->baton->poll_epoll(*self, epoll, events, capacity, nanoseconds);
}

ssize_t write(int fd, const void* buffer, std::size_t size) {
  scheduling_point("write");
  return SystemCalls::write(fd, buffer, size);
}

// Depends on the table: in release builds there is nothing to replace, and this is not compiled.
template <class Table>
void replace(bool by_baton) {
  if constexpr (core::kernel_is_replaceable) {
    Table::futex_wait = by_baton ? &futex_wait : &SystemCalls::futex_wait;
    Table::futex_wake = by_baton ? &futex_wake : &SystemCalls::futex_wake;
    Table::monotonic_now = by_baton ? &monotonic_now : &SystemCalls::monotonic_now;
    Table::scheduling_point = by_baton ? &scheduling_point : &SystemCalls::scheduling_point;
    Table::may_spin = by_baton ? &may_spin : &SystemCalls::may_spin;
    Table::thread_create = by_baton ? &thread_create : &SystemCalls::thread_create;
    Table::thread_join = by_baton ? &thread_join : &SystemCalls::thread_join;
    Table::thread_detach = by_baton ? &thread_detach : &SystemCalls::thread_detach;
    Table::epoll_wait = by_baton ? &epoll_wait : &SystemCalls::epoll_wait;
    Table::write = by_baton ? &write : &SystemCalls::write;
  } else {
    static_cast<void>(by_baton);
  }
}

}  // namespace baton_calls

BatonCalls::BatonCalls(Baton& baton) {
  Unseen unseen;  // threads of an earlier run may be at their very end
  baton_calls::present.store(&baton);
  baton_calls::starts_the_run = true;
  baton_calls::replace<core::Kernel>(true);
}

BatonCalls::~BatonCalls() {
  Unseen unseen;
  baton_calls::replace<core::Kernel>(false);
  baton_calls::starts_the_run = false;
  baton_calls::present.store(nullptr);
}

}  // namespace heddle::testing
