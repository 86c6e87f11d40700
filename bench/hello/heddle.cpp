// Hello world with run, sleep and gather.
#include <heddle/asyncio.h>

#include <cstdio>

namespace asyncio = heddle::asyncio;
using namespace std::chrono_literals;

static asyncio::Coro<int> say(const char* word, std::chrono::milliseconds after) {
  co_await asyncio::sleep(after);
  co_return std::puts(word);
}

static asyncio::Coro<void> hello() {
  co_await asyncio::gather(say("hello", 1ms), say("world", 2ms));
}

int main() { asyncio::run(hello()); }
