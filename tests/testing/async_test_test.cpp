#include <heddle/testing/async_test.h>

#include "asyncio/work.h"

static int runs = 0;

ASYNC_TEST_CASE("ASYNC_TEST_CASE: the body is a coroutine") {
  co_await asyncio::sleep(1h);
  ++runs;
}

TEST_CASE("ASYNC_TEST_CASE: the body above ran to its end") { CHECK(runs == 1); }
