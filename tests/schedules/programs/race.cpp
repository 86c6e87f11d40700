// Two threads add to a number that nothing protects, one at a time: ThreadSanitizer must find the
// race all the same, since the hand-overs of the baton are none of the program's. With an argument
// a lock protects it.
#include <heddle/testing/explore_threads.h>
#include <heddle/threading.h>

#include <mutex>

int main(int argc, char**) {
  bool locks = argc > 1;
  heddle::testing::explore_threads(
      [locks](heddle::testing::ThreadWorld& world) {
        int number = 0;
        heddle::threading::Lock lock;
        auto add = [&] {
          world.point("before adding");
          std::unique_lock held(lock, std::defer_lock);
          if (locks) held.lock();
          ++number;
        };
        heddle::threading::Thread first(add);
        heddle::threading::Thread second(add);
        first.start();
        second.start();
        first.join();
        second.join();
      },
      {.seeds = 100});
}
