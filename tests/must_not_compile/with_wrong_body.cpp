// expect: TypeError: the body given to with() takes something else than what aenter() gives
#include <heddle/asyncio.h>

heddle::asyncio::Coro<void> use(heddle::asyncio::Lock& lock) {
  co_await heddle::asyncio::with(
      lock, [](heddle::asyncio::Lock&) -> heddle::asyncio::Coro<void> { co_return; });
}
