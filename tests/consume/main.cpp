// A user's program, built against the installed package.
#include <heddle/asyncio.h>

#include <cstdio>

static heddle::asyncio::Coro<int> answer() {
  co_await heddle::asyncio::sleep(std::chrono::milliseconds(1));
  co_return 42;
}

int main() { return heddle::asyncio::run(answer()) == 42 ? 0 : 1; }
