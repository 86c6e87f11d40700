#include "core/text.h"

namespace heddle::core {

std::string text(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::string whole;
  whole.reserve(size);
  for (std::string_view part : parts) whole += part;
  return whole;
}

}  // namespace heddle::core
