// A process that runs an empty coroutine.
#include <heddle/asyncio.h>

static heddle::asyncio::Coro<void> nothing() { co_return; }

int main() { heddle::asyncio::run(nothing()); }
