// expect: clang only: reading variable 'balance' requires holding mutex 'lock'
// flags: -Wthread-safety -Werror
#include <heddle/threading.h>

struct Account {
  heddle::threading::Lock lock;
  int balance __attribute__((guarded_by(lock))) = 0;

  int read() {
    heddle::threading::LockGuard held(lock);
    return balance;
  }
  int read_in_python_style() {
    lock.acquire();
    int value = balance;
    lock.release();
    return value;
  }
  int read_if_free() {
    if (!lock.try_lock_for(std::chrono::seconds(1))) return -1;
    int value = balance;
    lock.unlock();
    return value;
  }
  int wrong() { return balance; }
};
