// heddle-demo [DIR]: counts the words of all text files below DIR, with coroutines, threads and
// processes.
//
// One loop walks and reads, a pool of processes counts, the loop merges. Then the same work is done
// plainly in sequence, with threads, and with processes, to show on the reader's own files what
// each gains. Ctrl-C stops at once, with what was counted so far.
#include <heddle/asyncio.h>
#include <heddle/futures.h>
#include <heddle/multiprocessing.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "chart.h"
#include "ways.h"

namespace asyncio = heddle::asyncio;
namespace futures = heddle::futures;
namespace fs = std::filesystem;
using asyncio::Coro;

namespace {

using demo::Run;
using demo::Tally;

constexpr const char* svg_file = "heddle-demo.svg";

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void print_tally(const Tally& tally, double seconds) {
  std::printf("%llu text files, %s", static_cast<unsigned long long>(tally.files),
              demo::human_bytes(double(tally.bytes)).c_str());
  if (seconds > 0) {
    std::printf(" in %.2f s: %.0f files/s, %s/s", seconds, double(tally.files) / seconds,
                demo::human_bytes(double(tally.bytes) / seconds).c_str());
  }
  std::printf("\n");
  const demo::Skipped& skipped = tally.skipped;
  if (skipped.unreadable + skipped.broken_links + skipped.binary > 0) {
    std::printf("left out: %llu binary, %llu broken links, %llu unreadable%s%s\n",
                static_cast<unsigned long long>(skipped.binary),
                static_cast<unsigned long long>(skipped.broken_links),
                static_cast<unsigned long long>(skipped.unreadable),
                skipped.example.empty() ? "" : ", such as ", skipped.example.c_str());
  }
  for (const auto& [word, count] : demo::top_words(tally.words, 10)) {
    std::printf("  %10llu  %s\n", static_cast<unsigned long long>(count), word.c_str());
  }
  std::fflush(stdout);
}

// Runs one way and says how it went.
Coro<Run> timed(std::string name, Coro<Tally> work) {
  auto begin = std::chrono::steady_clock::now();
  Run run{std::move(name), 0, {}};
  run.tally = co_await work;
  run.seconds = seconds_since(begin);
  co_return run;
}

Coro<void> compare(const std::vector<std::string>& paths, futures::ProcessPoolExecutor& pool,
                   Run first) {
  std::vector<Run> runs;
  runs.push_back(std::move(first));
  {
    Run run = co_await timed("one thread, in sequence", demo::count_in_sequence(paths));
    runs.push_back(std::move(run));
  }
  {
    futures::ThreadPoolExecutor threads(heddle::multiprocessing::cpu_count());
    Run run = co_await timed("threads", demo::count_with_threads(paths, threads));
    runs.push_back(std::move(run));
  }
  {
    Run run = co_await timed("processes", demo::count_with_processes(paths, pool));
    runs.push_back(std::move(run));
  }
  std::cout << "\nthe same work in four ways, on " << heddle::multiprocessing::cpu_count()
            << " CPUs:\n"
            << demo::terminal_chart(runs);
  for (const Run& run : runs) {
    if (run.tally.words != runs[1].tally.words)
      std::cout << "note: the files changed meanwhile; \"" << run.name << "\" saw others\n";
  }
  std::ofstream(svg_file) << demo::svg_chart(
      runs, "Counting the words of " + std::to_string(paths.size()) + " files");
  std::cout << "chart: " << svg_file << "\n"
            << "Threads and processes share out the counting, which needs the CPU; the loop lets "
               "reading and counting overlap.\n";
}

Coro<void> count(std::string directory, Tally& tally) {
  std::cout << "counting the words below " << directory << std::endl;
  futures::ProcessPoolExecutor pool;
  std::vector<std::string> paths;
  auto begin = std::chrono::steady_clock::now();
  co_await demo::count_with_everything(directory, pool, tally, paths);
  double seconds = seconds_since(begin);
  print_tally(tally, seconds);
  if (tally.files == 0) {
    std::cout << "there is no text below " << directory << "\n";
    co_return;
  }
  Run first{"a loop, threads that read, processes", seconds, tally};
  co_await compare(paths, pool, std::move(first));
}

// /usr/share/doc, or the project's own tree where that is small.
std::string default_directory() {
  std::error_code error;
  std::size_t entries = 0;
  for (fs::directory_iterator entry("/usr/share/doc", error), end; !error && entry != end;
       entry.increment(error))
    ++entries;
  return entries >= 100 ? "/usr/share/doc" : ".";
}

}  // namespace

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);
  std::string directory = argc > 1 ? argv[1] : default_directory();
  std::error_code error;
  if (argc > 2 || !fs::is_directory(directory, error)) {
    std::cerr << (argc > 2 ? "usage: heddle-demo [DIR]"
                           : "heddle-demo: " + directory + " is no directory that can be read")
              << "\n";
    return 2;
  }
  Tally tally;
  try {
    asyncio::run(count(directory, tally));
  } catch (const heddle::KeyboardInterrupt&) {
    std::cout << "\ninterrupted; counted so far:\n";
    print_tally(tally, 0);
    return 130;
  } catch (const std::exception&) {
    std::cerr << "heddle-demo: " << heddle::describe(std::current_exception()) << "\n";
    return 1;
  }
  return 0;
}
