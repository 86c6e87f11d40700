// expect: g++ 12 only: g++ 12 destroys this argument twice when to_thread() is awaited in place
#include <heddle/asyncio.h>

#include <string>

struct Options {
  std::string name;
};
int use_options(Options options);
heddle::asyncio::Coro<void> use() {
  co_await heddle::asyncio::to_thread(use_options, Options{.name = "x"});
}
