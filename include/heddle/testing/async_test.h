// ASYNC_TEST_CASE: a doctest case whose body is a coroutine.
//
//     ASYNC_TEST_CASE("Event: set() wakes waiters in the order they began to wait") {
//       asyncio::Event event;
//       ...
//       co_await testing::wait_until_idle();
//       CHECK(woken.empty());
//     }
//
// The body runs on a loop with a virtual clock; being stuck, and leaving anything behind, are
// failures.
#pragma once

#include <doctest/doctest.h>
#include <heddle/asyncio/coroutine.h>
#include <heddle/testing/run_async.h>

// A macro because a test case is declared where its name and place are.
#define ASYNC_TEST_CASE(name) HEDDLE_ASYNC_TEST_CASE(name, DOCTEST_ANONYMOUS(heddle_async_test_))
#define HEDDLE_ASYNC_TEST_CASE(name, body)                       \
  static heddle::asyncio::Coro<void> body();                     \
  DOCTEST_TEST_CASE(name) { heddle::testing::run_async(&body); } \
  static heddle::asyncio::Coro<void> body()
