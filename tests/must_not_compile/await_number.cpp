// expect: TypeError: object can't be used in 'await' expression
#include <heddle/asyncio.h>

heddle::asyncio::Coro<void> use() { co_await 42; }
