// expect: clang only: acquiring mutex 'lock' that is already held
// flags: -Wthread-safety -Werror
#include <heddle/threading.h>

void wrong(heddle::threading::Lock& lock) {
  heddle::threading::LockGuard held(lock);
  lock.acquire();
}
