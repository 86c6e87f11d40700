#include "testing/replay.h"

#include <heddle/core/error.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace heddle::testing::replay {

std::string seconds(Nanoseconds time) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9f", static_cast<double>(time) * 1e-9);
  return text;
}

std::string encode(const List& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == 0) continue;
    text += (text.empty() ? "" : ",") + std::to_string(i) + "=" + std::to_string(choices[i]);
  }
  return text;
}

static List decode(const std::string& text) {
  List choices;
  const char* at = text.c_str();
  while (*at != 0) {
    char* end = nullptr;
    unsigned long index = std::strtoul(at, &end, 10);
    if (end == at || *end != '=' || index > 100'000'000)
      throw ValueError("HEDDLE_REPLAY is not of the form NAME:index=choice,…: " + text);
    at = end + 1;
    unsigned long choice = std::strtoul(at, &end, 10);
    if (end == at) throw ValueError("HEDDLE_REPLAY lacks a choice: " + text);
    if (choices.size() <= index) choices.resize(index + 1);
    choices[index] = static_cast<std::uint32_t>(choice);
    at = *end == ',' ? end + 1 : end;
    if (*end != 0 && *end != ',') throw ValueError("HEDDLE_REPLAY has a stray character: " + text);
  }
  return choices;
}

std::string list_of(const List& choices, const std::vector<Choices::Site>& sites) {
  std::string text;
  int shown = 0;
  for (std::size_t i = 0; i < choices.size() && i < sites.size(); ++i) {
    if (choices[i] == 0) {
      if (sites[i].note.empty()) continue;
    }
    if (++shown > 20) return text + " …";
    const Choices::Site& site = sites[i];
    text += " [" + std::string(site.name) + " " + std::to_string(choices[i]) + "/" +
            std::to_string(site.n) + (site.note.empty() ? "" : ": " + site.note) + "]";
  }
  return text.empty() ? " none: the tame run fails" : text;
}

std::optional<Replay> wanted_replay() {
  const char* value = std::getenv("HEDDLE_REPLAY");
  if (value == nullptr || *value == 0) return std::nullopt;
  const char* colon = std::strrchr(value, ':');
  if (colon == nullptr) throw ValueError(std::string("HEDDLE_REPLAY lacks a name: ") + value);
  return Replay{std::string(value, colon), decode(colon + 1)};
}

}  // namespace heddle::testing::replay
