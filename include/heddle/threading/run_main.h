// run_main(): main's code with the end that a Python program has.
//
//     int main() {
//       return heddle::threading::run_main([] { serve(); });
//     }
//
// Without it, an exception out of main is std::terminate() as in any C++ program: the process dies
// by SIGABRT at once, nothing is joined, nothing buffered is written. See docs/threads-exit.md.
#pragma once

#include <type_traits>

namespace heddle::threading {

namespace detail {

class MainFunction {
 public:
  virtual int call() = 0;

 protected:
  ~MainFunction() = default;
};

int run_main(MainFunction& function) noexcept;

}  // namespace detail

// Calls function(): what it returns (nothing: 0) is the exit code to return from main. An exception
// is written to stderr before anything else happens, and the code is 1; of SystemExit its own and
// nothing is written; of KeyboardInterrupt 130. What comes then is the end of every program:
// threads are joined when main returns.
template <class F>
int run_main(F&& function) {
  class Called final : public detail::MainFunction {
   public:
    explicit Called(F& function_) : function(function_) {}
    int call() override {
      if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        function();
        return 0;
      } else {
        return function();
      }
    }

   private:
    F& function;
  };
  Called called(function);
  return detail::run_main(called);
}

}  // namespace heddle::threading
