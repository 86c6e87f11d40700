#include <doctest/doctest.h>
#include <heddle/threading/local.h>
#include <heddle/threading/thread.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace threading = heddle::threading;

static std::atomic<int> alive{0};

struct Counted {
  Counted() { ++alive; }
  ~Counted() { --alive; }
  int number = 0;
};

TEST_CASE("local: one value a thread; it dies with the thread or with the object") {
  {
    threading::local<Counted> value;
    CHECK(!value.has_value());
    value->number = 10;
    CHECK(alive == 1);
    threading::Thread thread([&value] {
      CHECK(!value.has_value());
      value->number = 11;
      CHECK(alive == 2);
    });
    thread.start();
    thread.join();
    CHECK(alive == 1);
    CHECK(value->number == 10);
    value.reset();
    CHECK(alive == 0);
    CHECK(!value.has_value());
    value->number = 1;
  }
  CHECK(alive == 0);
}

TEST_CASE("local: a new object does not see the values of one that died at its address") {
  std::optional<threading::local<std::string>> value;
  for (int i = 0; i < 3; ++i) {
    value.emplace();
    CHECK(!value->has_value());
    *value = std::string("set");
    CHECK(value->get() == "set");
  }
}

// Can be made of its arguments only, and not be moved.
struct Connection {
  Connection(const std::string& host_, int port_) : host(host_), port(port_) { ++made; }
  Connection(const Connection&) = delete;
  std::string host;
  int port;
  static inline std::atomic<int> made{0};
};

TEST_CASE("local: each thread's value is made of the same arguments, on first use") {
  threading::local<Connection> connection(std::string("db"), 5432);
  CHECK(Connection::made == 0);
  connection->port = 1;
  for (int i = 0; i < 2; ++i) {
    threading::Thread thread([&] {
      CHECK(connection->host == "db");
      CHECK(connection->port == 5432);
    });
    thread.start();
    thread.join();
  }
  CHECK(Connection::made == 3);
  CHECK(connection->port == 1);
}

TEST_CASE("local: a factory is called on each thread; one that throws is asked again") {
  int calls = 0;
  threading::local<std::string> value([&] {
    if (++calls == 1) throw heddle::ValueError("not yet");
    return threading::current_thread().name();
  });
  CHECK_THROWS_AS(value.get(), heddle::ValueError);
  CHECK_FALSE(value.has_value());
  CHECK(*value == "MainThread");
  CHECK(calls == 2);
}

TEST_CASE("local: many of them, made and dropped in any order, keep their values apart") {
  std::vector<std::optional<threading::local<int>>> locals(40);
  for (int round = 0; round < 3; ++round) {
    for (int i = round; i < 40; i += round + 1) {
      locals[i].emplace();
      CHECK(!locals[i]->has_value());
      *locals[i] = i;
    }
    threading::Thread thread([&] {
      for (int i = 0; i < 40; ++i) {
        if (locals[i]) CHECK(!locals[i]->has_value());
        if (locals[i]) *locals[i] = -i;
      }
    });
    thread.start();
    thread.join();
    for (int i = 0; i < 40; ++i) {
      if (locals[i]) CHECK(**locals[i] == i);
    }
    for (int i = round; i < 40; i += 2) locals[i].reset();
  }
}

static threading::local<std::string> of_process;
static std::string seen_late;

// Made before the thread's values, so destroyed after them.
struct LateUser {
  ~LateUser() {
    of_process.get() += "late";
    seen_late = threading::current_thread().name() + of_process.get();
  }
};

TEST_CASE("local: the destructor of a thread_local may still use it") {
  threading::Thread thread(threading::ThreadOptions().name("t"), [] {
    static thread_local LateUser late;
    static_cast<void>(&late);
    of_process = std::string("early");
  });
  thread.start();
  thread.join();
  CHECK(seen_late == "tlate");
}

TEST_CASE("local: threads that end and the object that dies at once destroy each value once") {
  for (int round = 0; round < 200; ++round) {
    auto value = std::make_unique<threading::local<Counted>>();
    std::atomic<int> ready{0};
    std::vector<threading::Thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        value->get();
        ++ready;
      });
      threads.back().start();
    }
    while (ready < 3) std::this_thread::yield();
    value.reset();
    for (auto& thread : threads) thread.join();
    CHECK(alive == 0);
  }
}
