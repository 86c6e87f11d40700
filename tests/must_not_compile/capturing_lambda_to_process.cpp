// expect: a lambda with captures cannot be sent to another process: pass what it captures as
// arguments
#include <heddle/futures.h>

void use(heddle::futures::ProcessPoolExecutor& pool, int n) {
  pool.submit([n] { return n; });
}
