// The text of a failure: the choices that matter, and the line that replays them.
#pragma once

#include <heddle/core/clock.h>
#include <heddle/testing/choices.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::testing::replay {

using List = std::vector<std::uint32_t>;

std::string seconds(Nanoseconds time);

// "12=9991,40=1": the choices that are not tame.
std::string encode(const List& choices);

// " [site 3/10: note] …", for the first of them.
std::string list_of(const List& choices, const std::vector<Choices::Site>& sites);

// What HEDDLE_REPLAY asks for: the choices, and for which explore(). Throws ValueError when it
// cannot be read.
struct Replay {
  std::string name;
  List choices;
};
std::optional<Replay> wanted_replay();

}  // namespace heddle::testing::replay
