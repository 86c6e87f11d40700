// expect: TypeError: a coroutine was expected
#include <heddle/asyncio.h>

int plain();
void use() { heddle::asyncio::create_task(plain); }
