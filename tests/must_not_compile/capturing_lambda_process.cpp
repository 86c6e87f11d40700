// expect: a lambda with captures cannot be sent to another process: pass what it captures as
// arguments
#include <heddle/multiprocessing.h>

void use(int n) {
  heddle::multiprocessing::Process process([n] { return n; });
}
