// What coroutines and a line of output cost by themselves.
#include <coroutine>
#include <cstdio>

struct Hello {
  struct promise_type {
    Hello get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

static Hello hello() {
  std::puts("hello");
  std::puts("world");
  co_return;
}

int main() { hello(); }
