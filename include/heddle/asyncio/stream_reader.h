// StreamReader: bytes that arrive, read by lines, by counts or up to a separator.
//
//     asyncio::StreamReader reader;
//     loop.add_reader(pipe, [&] { fill(reader, pipe); });     // calls feed_data(), feed_eof()
//     std::string line = co_await reader.readline();
//     while (auto next = co_await asyncio::next(reader)) ...  // or all lines
//
// The limit bounds what readline() and readuntil() look through, and how much is kept: above twice
// the limit the source is told to pause. One reading coroutine at a time. One loop only. Source:
// https://docs.python.org/3/library/asyncio-stream.html#streamreader
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/future.h>
#include <heddle/core/error.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::asyncio {

// The bytes ended before there were enough.
class IncompleteReadError : public Error {
 public:
  // expected: none when the count was not known.
  IncompleteReadError(std::string partial, std::optional<std::size_t> expected);
  // What was read before the end.
  const std::string& partial() const noexcept { return partial_; }
  std::optional<std::size_t> expected() const noexcept { return expected_; }

 private:
  std::string partial_;
  std::optional<std::size_t> expected_;
};

// No separator within the limit. The bytes stay in the reader.
class LimitOverrunError : public Error {
 public:
  LimitOverrunError(const std::string& message, std::size_t consumed)
      : Error(message), consumed_(consumed) {}
  // How many bytes were looked through and hold no separator.
  std::size_t consumed() const noexcept { return consumed_; }

 private:
  std::size_t consumed_;
};

class StreamReader {
 public:
  // Where the bytes come from, as far as the reader knows it.
  class Source {
   public:
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

   protected:
    ~Source() = default;
  };

  // Throws ValueError "Limit cannot be <= 0".
  explicit StreamReader(std::size_t limit = 65536);
  StreamReader(const StreamReader&) = delete;  // a coroutine that reads points at it
  StreamReader& operator=(const StreamReader&) = delete;

  // For the source. Throws AssertionError "feed_data after feed_eof".
  void feed_data(std::string_view data);
  void feed_eof();
  // What is not read yet is dropped: reading throws `exception` from now on.
  void set_exception(std::exception_ptr exception);
  std::exception_ptr exception() const noexcept { return exception_; }
  // source: told when too much is kept; must outlive the reader. Null: nobody.
  void set_source(Source* source) noexcept { source_ = source; }

  // True when everything was read.
  bool at_eof() const noexcept { return eof_ && kept() == 0; }

  // Up to n bytes, at least one unless the end was reached; without n, or negative: all until the
  // end. Empty at the end. This and the functions below throw the exception that was set,
  // RuntimeError "read() called while another coroutine is already waiting for incoming data".
  // Cancelled: throws CancelledError, and no byte is lost.
  Coro<std::string> read(std::ptrdiff_t n = -1);
  // Exactly n bytes. Throws IncompleteReadError, which has the bytes; ValueError for a negative n.
  Coro<std::string> readexactly(std::ptrdiff_t n);
  // Up to and with the separator; of several, the one that ends first. Throws LimitOverrunError,
  // IncompleteReadError, ValueError "Separator should be at least one-byte string".
  Coro<std::string> readuntil(std::string separator = "\n");
  Coro<std::string> readuntil(std::vector<std::string> separators);
  // A line with its "\n"; without at the end of the bytes, empty after it. Throws ValueError for a
  // line beyond the limit, which is dropped.
  Coro<std::string> readline();
  // As readline(), with StopAsyncIteration at the end: an async iterator over lines.
  Coro<std::string> anext();

 private:
  std::size_t kept() const noexcept { return buffer_.size() - begin_; }
  std::string_view view() const noexcept { return std::string_view(buffer_).substr(begin_); }
  std::string take(std::size_t count);
  void drop(std::size_t count) noexcept;
  void check_exception() const;
  void resume_source();
  Coro<void> wait_for_data(const char* function);

  std::size_t limit_;
  std::string buffer_;
  std::size_t begin_ = 0;  // what is before it was read
  bool eof_ = false;
  bool paused_ = false;
  std::exception_ptr exception_;
  Source* source_ = nullptr;
  std::optional<Future<void>> waiter_;
};

}  // namespace heddle::asyncio
