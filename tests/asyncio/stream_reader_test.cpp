#include <heddle/asyncio/stream_reader.h>

#include "asyncio/work.h"

using asyncio::StreamReader;

namespace {

// Notes what it is told.
class Source final : public StreamReader::Source {
 public:
  void pause_reading() override { told.push_back("pause"); }
  void resume_reading() override { told.push_back("resume"); }
  Log told;
};

}  // namespace

ASYNC_TEST_CASE("StreamReader: gives lines, counts, and what there is") {
  StreamReader reader;
  auto line = asyncio::create_task(reader.readline());
  co_await asyncio::sleep(0s);
  reader.feed_data("fir");
  co_await testing::wait_until_idle();
  CHECK(!line.done());
  reader.feed_data("st\nsecond\nthird");
  CHECK(co_await line == "first\n");
  std::string some = co_await reader.read(3);
  CHECK(some == "sec");
  std::string exact = co_await reader.readexactly(4);
  CHECK(exact == "ond\n");
  auto rest = asyncio::create_task(reader.read());
  co_await asyncio::sleep(0s);
  reader.feed_data(" and more");
  reader.feed_eof();
  CHECK(co_await rest == "third and more");
  CHECK(reader.at_eof());
  std::string end = co_await reader.read(10);
  CHECK(end.empty());
  CHECK_THROWS_AS(reader.feed_data("late"), heddle::AssertionError);
}

ASYNC_TEST_CASE("StreamReader: the end before enough bytes is an error that has them") {
  StreamReader reader;
  reader.feed_data("abc");
  reader.feed_eof();
  CHECK(co_await ending(reader.readexactly(5)) ==
        "asyncio::IncompleteReadError('3 bytes read on a total of 5 expected bytes')");
  CHECK(reader.at_eof());
  CHECK(co_await ending(reader.readuntil("\n")) ==
        "asyncio::IncompleteReadError('0 bytes read on a total of undefined expected bytes')");
  CHECK(co_await ending(reader.readexactly(-1)) ==
        "ValueError('readexactly size can not be less than zero')");
  CHECK(co_await ending(reader.readuntil("")) ==
        "ValueError('Separator should be at least one-byte string')");
  CHECK_THROWS_AS(StreamReader(0), heddle::ValueError);
}

ASYNC_TEST_CASE("StreamReader: of several separators the one that ends first counts") {
  StreamReader reader;
  reader.feed_data("one\r\ntwo\nthree;");
  std::vector<std::string> separators{"\r\n", "\n", ";"};
  Log lines;
  for (int i = 0; i < 3; ++i) lines.push_back(co_await reader.readuntil(separators));
  CHECK(lines == Log{"one\r\n", "two\n", "three;"});
  // One that comes in two pieces.
  auto split = asyncio::create_task(reader.readuntil("--end--"));
  for (const char* piece : {"x--e", "n", "d--y"}) {
    co_await asyncio::sleep(0s);
    reader.feed_data(piece);
  }
  CHECK(co_await split == "x--end--");
}

ASYNC_TEST_CASE("StreamReader: lines by async iteration, the last one without its end") {
  StreamReader reader;
  reader.feed_data("a\nb\nc");
  reader.feed_eof();
  Log lines = co_await asyncio::collect(reader);
  CHECK(lines == Log{"a\n", "b\n", "c"});
}

ASYNC_TEST_CASE("StreamReader: one reader at a time; a cancelled one loses no byte") {
  StreamReader reader;
  auto first = asyncio::create_task(reader.readexactly(4));
  co_await asyncio::sleep(0s);
  CHECK(co_await ending(reader.read(1)) ==
        "RuntimeError('read() called while another coroutine is already waiting for incoming "
        "data')");
  reader.feed_data("ab");
  first.cancel();  // woken and cancelled in one turn
  CHECK(co_await ending(first) == "cancelled");
  reader.feed_data("cd");
  std::string all = co_await reader.readexactly(4);
  CHECK(all == "abcd");
}

ASYNC_TEST_CASE("StreamReader: an exception ends the wait, and every later one") {
  StreamReader reader;
  auto waits = asyncio::create_task(reader.readline());
  co_await asyncio::sleep(0s);
  reader.set_exception(std::make_exception_ptr(heddle::ValueError("lost")));
  CHECK(co_await ending(waits) == "ValueError('lost')");
  CHECK(co_await ending(reader.read(1)) == "ValueError('lost')");
  CHECK(heddle::repr(reader.exception()) == "ValueError('lost')");
  CHECK_THROWS_AS(reader.set_exception(nullptr), heddle::TypeError);
}

ASYNC_TEST_CASE("rule 38: limits of a StreamReader; above twice the limit its source pauses") {
  StreamReader reader(4);
  reader.feed_data("0123456789\nx");
  reader.feed_eof();
  std::size_t consumed = 0;
  try {
    co_await reader.readuntil();
  } catch (const asyncio::LimitOverrunError& error) {
    consumed = error.consumed();
  }
  CHECK(consumed == 10);  // and the bytes are all there
  CHECK(co_await ending(reader.readline()) ==
        "ValueError('Separator is found, but chunk is longer than limit')");
  try {
    co_await reader.readexactly(3);
    CHECK(false);
  } catch (const asyncio::IncompleteReadError& error) {
    CHECK(error.partial() == "x");
    CHECK(error.expected() == 3);
  }

  StreamReader paused(4);
  Source source;
  paused.set_source(&source);
  paused.feed_data("01234567");
  CHECK(source.told.empty());
  paused.feed_data("8");
  CHECK(source.told == Log{"pause"});
  co_await paused.read(4);
  CHECK(source.told == Log{"pause"});
  co_await paused.read(1);
  CHECK(source.told == Log{"pause", "resume"});
  paused.feed_data("456789");
  auto more = asyncio::create_task(paused.readexactly(12));  // beyond the limit: it must go on
  co_await asyncio::sleep(0s);
  CHECK(source.told == Log{"pause", "resume", "pause", "resume"});
  paused.feed_data("ab");
  CHECK(co_await more == "5678456789ab");
}
