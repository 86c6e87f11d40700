// heddle::threading: threads with Python's life cycle, as Python's threading.
// Source: https://docs.python.org/3/library/threading.html
#pragma once

#include <heddle/threading/local.h>
#include <heddle/threading/lock.h>
#include <heddle/threading/thread.h>
