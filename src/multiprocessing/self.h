// What this process is: the user's program, or a child that works for it.
#pragma once

#include <string>

namespace heddle::multiprocessing {

// How a child is told from a program that the user started; and where its end of the stream is.
inline constexpr const char* worker_flag = "--heddle-multiprocessing-child";
inline constexpr int child_socket = 3;

// Throws RuntimeError when init() was not called.
void require_init();
// argv[0].
const std::string& program_name();

}  // namespace heddle::multiprocessing
