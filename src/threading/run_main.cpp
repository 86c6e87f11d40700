#include <heddle/core/error.h>
#include <heddle/threading/run_main.h>

#include <cstdio>

namespace heddle::threading::detail {

int run_main(MainFunction& function) noexcept {
  try {
    try {
      return function.call();
    } catch (const SystemExit& exit) {
      return exit.code();
    } catch (const KeyboardInterrupt&) {
      std::fputs("KeyboardInterrupt\n", stderr);
      return 130;  // what a shell makes of SIGINT
    } catch (...) {
      std::string text = "Exception in main:\n  " + describe(std::current_exception()) + "\n";
      std::fputs(text.c_str(), stderr);
      return 1;
    }
  } catch (...) {
    std::fputs("Exception in main: it could not be described, out of memory\n", stderr);
    return 1;
  }
}

}  // namespace heddle::threading::detail
