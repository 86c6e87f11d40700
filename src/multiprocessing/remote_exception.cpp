#include <heddle/core/type_name.h>
#include <heddle/multiprocessing/codec.h>
#include <heddle/multiprocessing/remote_exception.h>

#include <new>
#include <stdexcept>
#include <system_error>

namespace heddle::multiprocessing {

namespace {

// How one known type travels: by its place in the table.
struct KnownType {
  bool (*matches)(const std::exception& error);
  void (*raise)(const std::string& message);
};

template <class E>
constexpr KnownType known() {
  return {[](const std::exception& error) { return typeid(error) == typeid(E); },
          [](const std::string& message) { std::throw_with_nested(E(message)); }};
}

constexpr KnownType known_types[] = {
    known<Error>(),
    known<RuntimeError>(),
    known<ValueError>(),
    known<TypeError>(),
    known<KeyError>(),
    known<LookupError>(),
    known<ZeroDivisionError>(),
    known<AssertionError>(),
    known<TimeoutError>(),
    known<InvalidStateError>(),
    known<std::runtime_error>(),
    known<std::range_error>(),
    known<std::overflow_error>(),
    known<std::underflow_error>(),
    known<std::logic_error>(),
    known<std::domain_error>(),
    known<std::invalid_argument>(),
    known<std::length_error>(),
    known<std::out_of_range>(),
};

enum class Kind : std::uint32_t { known, system_error, bad_alloc, system_exit, other };

struct Travelling {
  Kind kind = Kind::other;
  std::uint32_t place =
      0;  // in known_types; the error code of a system_error; the code of a SystemExit
  std::string message;
  std::string description;
};

void classify(const std::exception& error, Travelling& travelling) {
  for (std::uint32_t place = 0; place < std::size(known_types); ++place) {
    if (!known_types[place].matches(error)) continue;
    travelling.kind = Kind::known;
    travelling.place = place;
    return;
  }
}

[[noreturn]] void raise(const Travelling& travelling) {
  switch (travelling.kind) {
    case Kind::known:
      if (travelling.place >= std::size(known_types))
        Decoder::fail("an exception of an unknown type");
      known_types[travelling.place].raise(travelling.message);
      break;
    case Kind::system_error:
      std::throw_with_nested(std::system_error(static_cast<int>(travelling.place),
                                               std::system_category(), travelling.message));
    case Kind::bad_alloc:
      throw std::bad_alloc();
    case Kind::system_exit:
      throw SystemExit(static_cast<int>(travelling.place));
    case Kind::other:
      break;
  }
  std::throw_with_nested(RemoteError(travelling.description));
}

}  // namespace

std::string encode_exception(const std::exception_ptr& exception) {
  Travelling travelling;
  travelling.description = describe(exception);
  travelling.message = message_of(exception);
  try {
    std::rethrow_exception(exception);
  } catch (const std::system_error& error) {
    travelling.kind = Kind::system_error;
    travelling.place = static_cast<std::uint32_t>(error.code().value());
    // what() ends with the text of the code, which the other side adds again.
    std::string tail = ": " + error.code().message();
    if (travelling.message.ends_with(tail))
      travelling.message.resize(travelling.message.size() - tail.size());
  } catch (const std::bad_alloc&) {
    travelling.kind = Kind::bad_alloc;
  } catch (const std::exception& error) {
    classify(error, travelling);
  } catch (const SystemExit& exit) {
    travelling.kind = Kind::system_exit;
    travelling.place = static_cast<std::uint32_t>(exit.code());
  } catch (...) {
    travelling.kind = Kind::other;
  }
  return encode(travelling);
}

std::exception_ptr decode_exception(std::string_view bytes) {
  try {
    Travelling travelling = decode<Travelling>(bytes);
    try {
      throw RemoteTraceback("in another process: " + travelling.description);
    } catch (const RemoteTraceback&) {
      raise(travelling);
    }
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace heddle::multiprocessing
