// The first thing that a child is sent.
#pragma once

#include <string>

namespace heddle::multiprocessing {

struct ChildStart {
  std::string name;
  bool daemon = false;
  std::string parent_name;
  int parent_pid = 0;
  std::string call;  // an encoded RemoteCall; empty for workers of a pool
};

}  // namespace heddle::multiprocessing
