#include <heddle/threading/excepthook.h>

#include <cstdio>
#include <string>
#include <utility>

#include "threading/thread_core.h"
#include "threading/thread_reports.h"

namespace heddle::threading {

namespace {

// Guarded by process_lock().
std::shared_ptr<ExceptHook>& hook() {
  static auto* installed = new std::shared_ptr<ExceptHook>;
  return *installed;
}

std::shared_ptr<ExceptHook> installed_hook() noexcept {
  std::lock_guard lock(process_lock());
  return hook();
}

void write(const std::string& heading, const std::exception_ptr& exception) {
  std::string text = heading + ":\n  " + describe(exception) + "\n";
  std::fputs(text.c_str(), stderr);
}

}  // namespace

void install_excepthook(std::shared_ptr<ExceptHook> new_hook) {
  std::lock_guard lock(process_lock());
  hook().swap(new_hook);  // the former one dies with the argument, outside of the lock
}

void default_excepthook(const ExceptHookArgs& args) noexcept {
  try {
    try {
      std::rethrow_exception(args.exception);
    } catch (const SystemExit&) {
      return;
    } catch (...) {
      write("Exception in thread " + args.thread.name(), args.exception);
    }
  } catch (...) {
    std::fputs("an exception of a thread could not be reported: out of memory\n", stderr);
  }
}

void detail::report(const Thread& thread, std::exception_ptr exception) noexcept {
  ExceptHookArgs args{std::move(exception), thread};
  std::shared_ptr<ExceptHook> installed = installed_hook();
  if (!installed) return default_excepthook(args);
  try {
    installed->call(args);
  } catch (...) {
    try {
      write("Exception in threading.excepthook", std::current_exception());
    } catch (...) {
      std::fputs("Exception in threading.excepthook\n", stderr);
    }
    default_excepthook(args);
  }
}

}  // namespace heddle::threading
