// Tells exceptions apart without throwing them, which would cost a microsecond.
#pragma once

#include <exception>
#include <typeinfo>

namespace heddle::asyncio::detail {

template <class E>
bool is_exactly(const std::exception_ptr& exception) noexcept {
  const std::type_info* type = exception ? exception.__cxa_exception_type() : nullptr;
  return type != nullptr && *type == typeid(E);
}

}  // namespace heddle::asyncio::detail
