// expect: constraints not satisfied
#include <heddle/futures.h>

#include <string>
#include <vector>

void use(heddle::futures::ThreadPoolExecutor& pool) {
  pool.map([](std::string) { return 1; }, std::vector{1, 2});
}
