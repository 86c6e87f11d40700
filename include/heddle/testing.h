// heddle::testing: a virtual clock, seeded runs and a census, for tests of concurrent programs.
//
// The doctest macro is in <heddle/testing/async_test.h>.
#pragma once

#include <heddle/testing/census.h>
#include <heddle/testing/choices.h>
#include <heddle/testing/explore.h>
#include <heddle/testing/run_async.h>
#include <heddle/testing/virtual_clock.h>
#include <heddle/testing/world.h>
