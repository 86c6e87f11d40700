// The name of a function as its author wrote it, from what the compilers put into
// std::source_location.
#pragma once

#include <source_location>
#include <string>

namespace heddle::asyncio::detail {

// "fetch" for `heddle::asyncio::Coro<int> fetch(std::string)`; with its classes and namespaces,
// without template arguments.
std::string function_name(const std::source_location& place);
// "fetch (crawler.cpp:41)"
std::string place_text(const std::source_location& place);

}  // namespace heddle::asyncio::detail
