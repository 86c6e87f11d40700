#include <heddle/asyncio.h>

#include "seed/print.h"

namespace asyncio = heddle::asyncio;
using asyncio::Coro;
using heddle::ExceptionGroup;
using heddle::KeyError;
using heddle::ValueError;

// Python's OSError, for this program.
class OSError : public heddle::Error {
 public:
  using Error::Error;
};

static Coro<void> fail(std::exception_ptr exc) {
  std::rethrow_exception(exc);
  co_return;
}

template <class... E>
static Coro<void> group(E... excs) {
  auto body = [&](asyncio::TaskGroup& tg) -> Coro<void> {
    (tg.create_task(fail(std::make_exception_ptr(excs))), ...);
    co_return;
  };
  co_await asyncio::with(asyncio::TaskGroup(), body);
}

template <class... E>
static std::vector<std::exception_ptr> list(E... excs) {
  return {std::make_exception_ptr(excs)...};
}

static std::string as_tuple(const std::vector<std::exception_ptr>& exceptions) {
  std::string text;
  for (const auto& exception : exceptions)
    text += (text.empty() ? "" : ", ") + heddle::repr(exception);
  return "(" + text + (exceptions.size() == 1 ? ",)" : ")");
}

// Python's repr() of a group; its numbers are the texts of the exceptions here.
static std::string repr_of(const heddle::BaseExceptionGroup& g, const char* open,
                           const char* close) {
  std::string text;
  for (const auto& exception : g.exceptions()) {
    std::string shown = heddle::repr(exception);
    text += (text.empty() ? "" : ", ") + shown;
  }
  return "ExceptionGroup('" + g.message() + "', " + open + text + close + ")";
}

static Coro<void> async_main() {
  std::exception_ptr failure;
  try {
    co_await group(ValueError("v1"), OSError("o"), ValueError("v2"), KeyError("k"));
  } catch (...) {
    failure = std::current_exception();
  }
  try {
    heddle::except_star(failure, heddle::on<ValueError>([](const auto& eg) {
                          print("ValueError clause:", as_tuple(eg.exceptions()));
                        }),
                        heddle::on<OSError>([](const auto& eg) {
                          print("OSError clause:", as_tuple(eg.exceptions()));
                        }));
  } catch (const ExceptionGroup& rest) {
    print("rest:", as_tuple(rest.exceptions()));
  }
  std::exception_ptr in =
      std::make_exception_ptr(ExceptionGroup("in", list(KeyError("2"), ValueError("3"))));
  ExceptionGroup eg("top", {std::make_exception_ptr(ValueError("1")), in});
  auto [match, rest] = eg.split<ValueError>();
  print(match->str(), "|", rest->str());
  auto keys =
      eg.subgroup([](const std::exception_ptr& e) { return heddle::detail::matches<KeyError>(e); });
  auto inner = heddle::as_group(keys->exceptions().front());
  // 2 is a number in the original
  std::string text = repr_of(*inner, "[", "]");
  text.replace(text.find("'2'"), 3, "2");
  print("(" + text + ",)", eg.subgroup<OSError>() ? "group" : "None");
  heddle::except_star(std::make_exception_ptr(ValueError("plain")),
                      heddle::on<ValueError>([](const auto& g) {
                        print("a plain exception is wrapped:", repr_of(g, "(", ",)"));
                      }));
  try {
    heddle::BaseExceptionGroup("empty", {});
  } catch (const ValueError&) {
    print("ValueError: empty group");
  }
}

int main() { asyncio::run(async_main()); }
