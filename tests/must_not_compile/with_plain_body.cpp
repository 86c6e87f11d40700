// expect: TypeError: the body given to with() must be a coroutine
#include <heddle/asyncio.h>

heddle::asyncio::Coro<void> use() {
  co_await heddle::asyncio::with(heddle::asyncio::TaskGroup(), [](heddle::asyncio::TaskGroup&) {});
}
