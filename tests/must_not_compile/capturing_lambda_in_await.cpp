// expect: g++ 12 only: g++ 12 destroys this argument twice when to_thread() is awaited in place
#include <heddle/asyncio.h>

#include <string>

heddle::asyncio::Coro<void> use(std::string text) {
  co_await heddle::asyncio::to_thread([text] { return text.size(); });
}
