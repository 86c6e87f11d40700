// Text for messages.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace heddle::core {

// The parts, one behind the other. One call in place of the code of a chain of operator+.
std::string text(std::initializer_list<std::string_view> parts);

}  // namespace heddle::core
