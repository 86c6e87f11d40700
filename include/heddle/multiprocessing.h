// heddle::multiprocessing: processes that run functions of this program, as Python's
// multiprocessing. Source: https://docs.python.org/3/library/multiprocessing.html
#pragma once

#include <heddle/multiprocessing/codec.h>
#include <heddle/multiprocessing/process.h>
#include <heddle/multiprocessing/remote_call.h>
#include <heddle/multiprocessing/remote_exception.h>
