#include <heddle/asyncio/stream_reader.h>

#include <algorithm>

namespace heddle::asyncio {

namespace {

// The first separator in `text` that ends at or after `from`: where it begins and ends.
struct Found {
  std::size_t begin = std::string_view::npos;
  std::size_t end = std::string_view::npos;
};

Found find_first(std::string_view text, const std::vector<std::string>& separators,
                 std::size_t from) {
  Found first;
  for (const std::string& separator : separators) {
    std::size_t at = text.find(separator, from);
    if (at != text.npos && at + separator.size() < first.end) first = {at, at + separator.size()};
  }
  return first;
}

bool shorter(const std::string& a, const std::string& b) { return a.size() < b.size(); }

}  // namespace

IncompleteReadError::IncompleteReadError(std::string partial, std::optional<std::size_t> expected)
    : Error(std::to_string(partial.size()) + " bytes read on a total of " +
            (expected ? std::to_string(*expected) : "undefined") + " expected bytes"),
      partial_(std::move(partial)),
      expected_(expected) {}

StreamReader::StreamReader(std::size_t limit) : limit_(limit) {
  if (limit == 0) throw ValueError("Limit cannot be <= 0");
}

void StreamReader::feed_data(std::string_view data) {
  if (eof_) throw AssertionError("feed_data after feed_eof");
  if (data.empty()) return;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_ += data;
  if (waiter_ && !waiter_->done()) waiter_->set_result();
  if (source_ != nullptr && !paused_ && kept() / 2 >= limit_ && kept() > 2 * limit_) {
    source_->pause_reading();
    paused_ = true;
  }
}

void StreamReader::feed_eof() {
  eof_ = true;
  if (waiter_ && !waiter_->done()) waiter_->set_result();
}

void StreamReader::set_exception(std::exception_ptr exception) {
  if (!exception) throw TypeError("the exception given to StreamReader::set_exception() is null");
  exception_ = exception;
  if (waiter_ && !waiter_->done()) waiter_->set_exception(std::move(exception));
}

void StreamReader::check_exception() const {
  if (exception_) std::rethrow_exception(exception_);
}

void StreamReader::drop(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
}

std::string StreamReader::take(std::size_t count) {
  std::string taken(view().substr(0, count));
  drop(taken.size());
  resume_source();
  return taken;
}

void StreamReader::resume_source() {
  if (!paused_ || kept() > limit_) return;
  paused_ = false;
  source_->resume_reading();
}

Coro<void> StreamReader::wait_for_data(const char* function) {
  if (waiter_) {
    throw RuntimeError(std::string(function) +
                       "() called while another coroutine is already waiting for incoming data");
  }
  if (paused_) {  // whoever waits for more than the limit must get it
    paused_ = false;
    source_->resume_reading();
  }
  waiter_.emplace();
  struct Leaves {
    std::optional<Future<void>>& waiter;
    ~Leaves() { waiter.reset(); }
  } leaves{waiter_};
  co_await *waiter_;
}

Coro<std::string> StreamReader::read(std::ptrdiff_t n) {
  check_exception();
  if (n == 0) co_return std::string();
  if (n < 0) {
    std::string all;
    while (true) {
      std::string block = co_await read(static_cast<std::ptrdiff_t>(limit_));
      if (block.empty()) co_return all;
      all += block;
    }
  }
  if (kept() == 0 && !eof_) co_await wait_for_data("read");
  co_return take(static_cast<std::size_t>(n));
}

Coro<std::string> StreamReader::readexactly(std::ptrdiff_t n) {
  if (n < 0) throw ValueError("readexactly size can not be less than zero");
  check_exception();
  std::size_t count = static_cast<std::size_t>(n);
  while (kept() < count) {
    if (eof_) throw IncompleteReadError(take(kept()), count);
    co_await wait_for_data("readexactly");
  }
  co_return take(count);
}

Coro<std::string> StreamReader::readuntil(std::string separator) {
  std::vector<std::string> separators;
  separators.push_back(std::move(separator));
  return readuntil(std::move(separators));
}

Coro<std::string> StreamReader::readuntil(std::vector<std::string> separators) {
  if (separators.empty()) throw ValueError("Separator should contain at least one element");
  auto [shortest, longest] = std::minmax_element(separators.begin(), separators.end(), shorter);
  if (shortest->empty()) throw ValueError("Separator should be at least one-byte string");
  std::size_t length_min = shortest->size();
  std::size_t length_max = longest->size();
  check_exception();
  std::size_t offset = 0;  // no separator begins before it
  while (true) {
    std::size_t size = kept();
    if (size - offset >= length_min) {
      Found found = find_first(view(), separators, offset);
      if (found.begin != std::string_view::npos) {
        if (found.begin > limit_) {
          throw LimitOverrunError("Separator is found, but chunk is longer than limit",
                                  found.begin);
        }
        co_return take(found.end);
      }
      offset = size + 1 > length_max ? size + 1 - length_max : 0;
      if (offset > limit_) {
        throw LimitOverrunError("Separator is not found, and chunk exceed the limit", offset);
      }
    }
    if (eof_) throw IncompleteReadError(take(kept()), std::nullopt);
    co_await wait_for_data("readuntil");
  }
}

Coro<std::string> StreamReader::readline() {
  try {
    co_return co_await readuntil("\n");
  } catch (const IncompleteReadError& end) {
    co_return end.partial();
  } catch (const LimitOverrunError& overrun) {
    // The line is dropped, or what there is of it.
    bool ends = view().substr(overrun.consumed()).starts_with('\n');
    drop(ends ? overrun.consumed() + 1 : kept());
    resume_source();
    throw ValueError(overrun.what());
  }
}

Coro<std::string> StreamReader::anext() {
  std::string line = co_await readline();
  if (line.empty()) throw StopAsyncIteration();
  co_return line;
}

}  // namespace heddle::asyncio
