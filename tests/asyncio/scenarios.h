// Small programs, each with something that must hold however its tasks are cancelled. Cancelled at
// every step, under random seeds, and with failing allocations by the tests that use them.
#pragma once

#include <heddle/testing.h>

#include <span>

namespace scenarios {

struct Scenario {
  const char* name;
  heddle::asyncio::Coro<void> (*run)(heddle::testing::World& world);
};

std::span<const Scenario> all();

// What the tasks of the scenarios run inside of.
enum class Nesting { none, timeout, group, gather, shield, wait_for };
void set_nesting(Nesting nesting);

// How many times the usual number of worlds: HEDDLE_WORLDS in the environment.
std::uint64_t scale();

// Allocations fail: then the scenarios only promise to end, and to leave nothing behind.
void set_scarce(bool scarce);

}  // namespace scenarios
