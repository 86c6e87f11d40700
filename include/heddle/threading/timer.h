// Timer: a thread that calls a function after a while, unless it is cancelled before.
//
//     threading::Timer timer(30s, save, document);
//     timer.start();
//     ...
//     timer.cancel();
//
// A Thread in all else: start(), join(), a name, daemon by option. A handle; dropping it does not
// stop the timer. Source: https://docs.python.org/3/library/threading.html#timer-objects
#pragma once

#include <heddle/threading/event.h>
#include <heddle/threading/thread.h>

namespace heddle::threading {

class Timer final : public Thread {
 public:
  // Will call function(args...), stored until then, `interval` after start() (negative: at once).
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
  Timer(Delay interval, F&& function, Args&&... args)
      : Timer(ThreadOptions(), interval, std::forward<F>(function), std::forward<Args>(args)...) {}
  template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
  Timer(ThreadOptions options, Delay interval, F&& function, Args&&... args)
      : Timer(std::move(options), interval, std::make_shared<Event>(),
              make_target(std::forward<F>(function), std::forward<Args>(args)...)) {}

  // Ends it without the call, if it still waits. Any number of times, also before start().
  void cancel() noexcept { finished_->set(); }

 private:
  Timer(ThreadOptions options, Delay interval, std::shared_ptr<Event> finished,
        std::unique_ptr<Target> target);

  std::shared_ptr<Event> finished_;  // cancelled, or the call was made
};

}  // namespace heddle::threading
