#include "ways.h"

#include <algorithm>

namespace demo {

namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
using asyncio::Coro;

namespace {

// What a group of files holds, read on a thread of the loop's executor.
struct Texts {
  std::vector<std::string> texts;
  Skipped skipped;
};

Texts read_batch(Batch paths) {
  Texts read;
  for (const std::string& path : paths) {
    if (auto text = read_text(path, read.skipped)) read.texts.push_back(*std::move(text));
  }
  return read;
}

// Walks, reads and counts with the loop in the middle.
class Pipeline {
 public:
  Pipeline(futures::ProcessPoolExecutor& pool, Tally& tally, std::vector<std::string>& paths)
      : pool_(pool), tally_(tally), paths_(paths) {}

  Coro<void> run(std::string root) {
    auto body = [this, &root](asyncio::TaskGroup& group) -> Coro<void> {
      std::vector<std::string> level{root};
      while (!level.empty()) level = co_await walk_level(std::move(level), group);
      start_batch(group);
    };
    co_await asyncio::with(asyncio::TaskGroup(), body);
  }

 private:
  // Lists the directories of one level at once, and gives those of the next.
  Coro<std::vector<std::string>> walk_level(std::vector<std::string> directories,
                                            asyncio::TaskGroup& group) {
    std::vector<Coro<Listing>> listings;
    for (std::string& directory : directories) listings.push_back(list(std::move(directory)));
    std::vector<Listing> found = co_await asyncio::gather(std::move(listings));
    std::vector<std::string> next;
    for (Listing& listing : found) {
      tally_.skipped.add(listing.skipped);
      for (std::string& path : listing.files) add_file(std::move(path), group);
      std::move(listing.directories.begin(), listing.directories.end(), std::back_inserter(next));
    }
    co_return next;
  }

  Coro<Listing> list(std::string directory) {
    auto permit = co_await readers_.hold();
    co_return co_await asyncio::to_thread(list_directory, std::move(directory));
  }

  void add_file(std::string path, asyncio::TaskGroup& group) {
    paths_.push_back(path);
    batch_.push_back(std::move(path));
    if (batch_.size() == files_a_batch) start_batch(group);
  }

  void start_batch(asyncio::TaskGroup& group) {
    if (!batch_.empty()) group.create_task(read_and_count(std::exchange(batch_, {})));
  }

  Coro<void> read_and_count(Batch batch) {
    auto permit =
        co_await readers_.hold();  // bounds the files in memory, while they are counted too
    std::uint64_t files = batch.size();
    Texts read = co_await asyncio::to_thread(read_batch, std::move(batch));
    tally_.skipped.add(read.skipped);
    Tally counted = co_await asyncio::get_running_loop().run_in_executor(pool_, count_texts,
                                                                         std::move(read.texts));
    tally_.add(counted);
    done_ += files;
    progress_.show(done_, paths_.size());
  }

  static constexpr std::size_t files_a_batch = 256;
  futures::ProcessPoolExecutor& pool_;
  Tally& tally_;
  std::vector<std::string>& paths_;
  asyncio::Semaphore readers_{8};
  Batch batch_;
  std::uint64_t done_ = 0;
  futures::ProgressBar progress_{"counting", "files"};
};

constexpr std::size_t files_a_job = 256;

// The files in groups that are worth a trip to a worker.
std::vector<Batch> deal(const std::vector<std::string>& paths) {
  std::vector<Batch> batches;
  for (std::size_t begin = 0; begin < paths.size(); begin += files_a_job) {
    auto first = paths.begin() + static_cast<std::ptrdiff_t>(begin);
    batches.emplace_back(
        first, first + static_cast<std::ptrdiff_t>(std::min(files_a_job, paths.size() - begin)));
  }
  return batches;
}

template <class Pool>
Coro<Tally> count_on(const std::vector<std::string>& paths, Pool& pool, const char* label) {
  futures::ProgressBar progress(label, "files");
  std::vector<futures::Future<Tally>> jobs;
  for (Batch& batch : deal(paths)) jobs.push_back(pool.submit(count_files, std::move(batch)));
  Tally tally;
  std::uint64_t done = 0;
  for (auto& job : jobs) {
    Tally part = co_await job;
    tally.add(part);
    progress.show(done += files_a_job, paths.size());
  }
  co_return tally;
}

}  // namespace

Coro<void> count_with_everything(std::string directory, futures::ProcessPoolExecutor& pool,
                                 Tally& tally, std::vector<std::string>& paths) {
  Pipeline pipeline(pool, tally, paths);
  co_await pipeline.run(std::move(directory));
}

Coro<Tally> count_in_sequence(const std::vector<std::string>& paths) {
  futures::ProgressBar progress("in sequence", "files");
  Tally tally;
  std::uint64_t done = 0;
  for (Batch& batch : deal(paths)) {
    tally.add(count_files(std::move(batch)));
    progress.show(done += files_a_job, paths.size());
    co_await asyncio::sleep(std::chrono::seconds(0));  // lets Ctrl-C through
  }
  co_return tally;
}

Coro<Tally> count_with_threads(const std::vector<std::string>& paths,
                               futures::ThreadPoolExecutor& pool) {
  co_return co_await count_on(paths, pool, "with threads");
}

Coro<Tally> count_with_processes(const std::vector<std::string>& paths,
                                 futures::ProcessPoolExecutor& pool) {
  co_return co_await count_on(paths, pool, "with processes");
}

}  // namespace demo
