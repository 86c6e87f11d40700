// heddle::futures: work on pools of threads and processes, as Python's concurrent.futures.
// Source: https://docs.python.org/3/library/concurrent.futures.html
#pragma once

#include <heddle/futures/as_completed.h>
#include <heddle/futures/executor.h>
#include <heddle/futures/future.h>
#include <heddle/futures/map_results.h>
#include <heddle/futures/process_pool_executor.h>
#include <heddle/futures/progress.h>
#include <heddle/futures/progress_bar.h>
#include <heddle/futures/thread_pool_executor.h>
#include <heddle/futures/wait.h>
