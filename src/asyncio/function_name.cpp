#include "asyncio/function_name.h"

#include <string_view>

#include "core/text.h"

namespace heddle::asyncio::detail {

namespace {

// The parenthesis that closes the one at `open`.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return text.npos;
}

// The end of the name: the first parenthesis that opens the parameters.
std::size_t end_of_name(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '<') ++depth;
    if (c == '>') --depth;
    if (c != '(' || depth > 0) continue;
    // "(anonymous namespace)::f", "(anonymous class)", "(lambda at ...)" are parts of a name.
    if (text.substr(i).starts_with("(anonymous") || text.substr(i).starts_with("(lambda")) {
      i = text.find(')', i);
      if (i == text.npos) return text.size();
      continue;
    }
    // The parentheses of an enclosing function, or of operator(): the name goes on behind them.
    std::size_t close = closing(text, i);
    if (close != text.npos && text.substr(close + 1).starts_with("::")) {
      i = close;
      continue;
    }
    if (i >= 8 && text.substr(i - 8, 8) == "operator") {
      i = close;
      continue;
    }
    return i;
  }
  return text.size();
}

}  // namespace

std::string function_name(const std::source_location& place) {
  std::string_view text = place.function_name();
  text = text.substr(0, end_of_name(text));
  // What precedes the last space outside of brackets is the return type.
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<' || text[i] == '(') ++depth;
    if (text[i] == '>' || text[i] == ')') --depth;
    if (text[i] == ' ' && depth == 0) begin = i + 1;
  }
  std::string name;
  for (char c : text.substr(begin)) {
    if (c == '<') ++depth;
    if (depth == 0) name += c;
    if (c == '>') --depth;
  }
  // A lambda without its brackets leaves nothing between two separators.
  for (std::size_t at = 0; (at = name.find("::::", at)) != name.npos;) name.erase(at, 2);
  std::size_t body = name.find("::operator()");
  if (body != name.npos) name.replace(body, name.npos, "::lambda");
  return name;
}

std::string place_text(const std::source_location& place) {
  std::string file = place.file_name();
  file.erase(0, file.rfind('/') + 1);
  return core::text({function_name(place), " (", file, ":", std::to_string(place.line()), ")"});
}

}  // namespace heddle::asyncio::detail
