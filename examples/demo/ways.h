// The same work done in four ways.
#pragma once

#include <heddle/asyncio.h>
#include <heddle/futures.h>

#include <string>
#include <vector>

#include "count.h"

namespace demo {

// How one way went.
struct Run {
  std::string name;
  double seconds = 0;
  Tally tally;
};

// A loop walks and reads, at most so many files at a time; a pool of processes counts; the loop
// merges into `tally`, which holds what was counted so far if it is cancelled. Fills `paths` with
// the files that it found.
heddle::asyncio::Coro<void> count_with_everything(std::string directory,
                                                  heddle::futures::ProcessPoolExecutor& pool,
                                                  Tally& tally, std::vector<std::string>& paths);

// Plainly one file after the other.
heddle::asyncio::Coro<Tally> count_in_sequence(const std::vector<std::string>& paths);
// The files dealt out to threads, or to processes.
heddle::asyncio::Coro<Tally> count_with_threads(const std::vector<std::string>& paths,
                                                heddle::futures::ThreadPoolExecutor& pool);
heddle::asyncio::Coro<Tally> count_with_processes(const std::vector<std::string>& paths,
                                                  heddle::futures::ProcessPoolExecutor& pool);

}  // namespace demo
