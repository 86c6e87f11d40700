// queue::Empty, Full and ShutDown: why a queue neither took nor gave an item.
// Source: https://docs.python.org/3/library/queue.html
#pragma once

#include <heddle/core/error.h>

namespace heddle::queue {

// There is no item, or none came in time: get_nowait(), get() with a timeout.
class Empty : public Error {
 public:
  Empty() : Error("") {}
};

// There is no room, or none came in time: put_nowait(), put() with a timeout.
class Full : public Error {
 public:
  Full() : Error("") {}
};

// The queue was shut down: it takes nothing any more, and has nothing left to give.
class ShutDown : public Error {
 public:
  ShutDown() : Error("") {}
};

}  // namespace heddle::queue
