// Three workers share a queue of jobs; the boss waits for all of them to be done, and closes it.
//
//     import queue, threading
//
//     jobs = queue.Queue(maxsize=4)
//     lengths, lock = {}, threading.Lock()
//
//     def worker():
//         while True:
//             try: word = jobs.get()
//             except queue.ShutDown: return
//             with lock: lengths[word] = len(word)
//             jobs.task_done()
//
//     workers = [threading.Thread(target=worker) for _ in range(3)]
//     for w in workers: w.start()
//     for word in "every thread passes through the heddle".split():
//         jobs.put(word)                      # waits while four are inside
//     jobs.join()
//     print("all done:", sorted(lengths.items()))
//     jobs.shutdown()
//     for w in workers: w.join()
//     print("closed:", jobs.is_shutdown, jobs.qsize())
#include <heddle/queue.h>
#include <heddle/threading.h>

#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace queue = heddle::queue;
namespace threading = heddle::threading;

int main() {
  queue::Queue<std::string> jobs(4);
  std::map<std::string, std::size_t> lengths;
  threading::Lock lock;

  auto worker = [&] {
    for (std::string word : jobs) {  // ends when the queue is shut down
      {
        std::lock_guard held(lock);
        lengths[word] = word.size();
      }
      jobs.task_done();
    }
  };

  std::vector<threading::Thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back(worker);
    workers.back().start();
  }
  for (const char* word : {"every", "thread", "passes", "through", "the", "heddle"})
    jobs.put(word);  // waits while four are inside
  jobs.join();
  std::cout << "all done: [";
  const char* comma = "";
  for (const auto& [word, length] : lengths) {
    std::cout << comma << "('" << word << "', " << length << ")";
    comma = ", ";
  }
  std::cout << "]\n";
  jobs.shutdown();
  for (auto& thread : workers) thread.join();
  std::cout << "closed: " << (jobs.is_shutdown() ? "True" : "False") << " " << jobs.qsize() << "\n";
}
