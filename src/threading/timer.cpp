#include <heddle/threading/timer.h>

namespace heddle::threading {

namespace {

class Waiting final : public Thread::Target {
 public:
  Waiting(Delay interval, std::shared_ptr<Event> finished, std::unique_ptr<Thread::Target> target)
      : interval_(interval), finished_(std::move(finished)), target_(std::move(target)) {}
  void call() override {
    if (!finished_->wait(interval_)) target_->call();
    finished_->set();
  }

 private:
  Delay interval_;
  std::shared_ptr<Event> finished_;
  std::unique_ptr<Thread::Target> target_;
};

}  // namespace

Timer::Timer(ThreadOptions options, Delay interval, std::shared_ptr<Event> finished,
             std::unique_ptr<Target> target)
    : Thread(OnlyTarget(), std::move(options),
             std::make_unique<Waiting>(interval, finished, std::move(target))),
      finished_(std::move(finished)) {}

}  // namespace heddle::threading
