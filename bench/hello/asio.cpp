// Hello world with Asio: the same two that sleep and are awaited together.
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <cstdio>

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

static asio::awaitable<int> say(const char* word, std::chrono::milliseconds after) {
  asio::steady_timer timer(co_await asio::this_coro::executor, after);
  co_await timer.async_wait(asio::use_awaitable);
  co_return std::puts(word);
}

static asio::awaitable<void> hello() { co_await (say("hello", 1ms) && say("world", 2ms)); }

int main() {
  asio::io_context context(1);
  asio::co_spawn(context, hello(), asio::detached);
  context.run();
}
