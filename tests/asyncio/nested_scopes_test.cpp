// T3: five thousand programs of nested scopes end as they do in CPython. nested_scopes.py has the
// language and made the record.
#include "asyncio/work.h"

#include <algorithm>
#include <fstream>
#include <memory>

namespace {

struct Node {
  char kind = 0;
  std::vector<long> numbers;
  std::vector<Node> children;
  std::string text;
};

// Reads one node at `at`, and moves on behind it.
Node parse(const std::string& text, std::size_t& at) {
  Node node;
  std::size_t begin = at;
  node.kind = text[at++];
  auto number = [&] {
    std::size_t used = 0;
    node.numbers.push_back(std::stol(text.substr(at), &used));
    at += used;
  };
  if (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) number();
  if (at < text.size() && text[at] == '.') {
    ++at;
    number();
  }
  if (at < text.size() && text[at] == '(') {
    do {
      ++at;  // the parenthesis, or a comma
      node.children.push_back(parse(text, at));
    } while (text[at] == ',');
    ++at;
  }
  node.text = text.substr(begin, at - begin);
  return node;
}

heddle::Delay micros(long n) { return std::chrono::microseconds(n); }

class Program {
 public:
  explicit Program(const std::string& text) {
    std::size_t at = 0;
    root_ = parse(text, at);
    if (at < text.size()) cancel_at_ = std::stol(text.substr(at + 1));
  }

  Coro<void> run_whole() {
    // What nobody awaits any more is of no interest here.
    asyncio::get_running_loop().set_exception_handler([](auto&, const auto&) {});
    auto task = asyncio::create_task(whole());
    if (cancel_at_)
      asyncio::get_running_loop().call_later(micros(*cancel_at_),
                                             [task]() mutable { task.cancel(); });
    std::vector<asyncio::Task<void>> tasks{task};
    co_await asyncio::wait(tasks);
    // What shields left running ends by itself.
    while (true) {
      std::vector<asyncio::AnyTask> others = asyncio::all_tasks();
      std::erase(others, asyncio::current_task());
      if (others.empty()) break;
      co_await asyncio::wait(others);
    }
  }

  // As the record has it.
  std::string outcome() {
    std::sort(log_.begin(), log_.end());
    std::string text = ended_ + "\t";
    const char* space = "";
    for (const Entry& entry : log_) {
      text += space + entry.leaf + ":" + entry.what + "@" + std::to_string(entry.when);
      space = " ";
    }
    return text;
  }

 private:
  struct Entry {
    long when;
    std::string leaf;
    std::string what;
    auto operator<=>(const Entry&) const = default;
  };

  static std::string shape(const std::exception_ptr& error) {
    heddle::ExceptionGroupPtr group = heddle::as_group(error);
    if (!group) return heddle::describe(error).substr(0, heddle::describe(error).find(':'));
    std::vector<std::string> shapes;
    for (const auto& each : group->exceptions()) shapes.push_back(shape(each));
    std::sort(shapes.begin(), shapes.end());
    std::string text;
    for (const std::string& each : shapes) text += (text.empty() ? "" : ",") + each;
    return "[" + text + "]";
  }

  void note(const Node& leaf, const char* what) {
    log_.push_back({static_cast<long>(asyncio::get_running_loop().time() / 1000), leaf.text, what});
  }

  Coro<void> whole() {
    std::string how = "ok";
    try {
      co_await run(root_);
    } catch (...) {
      how = shape(std::current_exception());
    }
    ended_ = how + " " + std::to_string(asyncio::current_task().cancelling());
  }

  Coro<void> leaf(const Node& node) {
    std::exception_ptr cancelled;
    try {
      co_await asyncio::sleep(micros(node.numbers[0]));
    } catch (const CancelledError&) {
      cancelled = std::current_exception();
    }
    if (!cancelled) {
      note(node, "slept");
      if (node.kind == 'f') throw heddle::ValueError("f");
      co_return;
    }
    note(node, "cancelled");
    if (node.kind == 'e') co_return;
    if (node.kind == 'x') throw heddle::KeyError("x");
    if (node.kind == 'c') {
      co_await asyncio::sleep(micros(node.numbers[1]));
      note(node, "cleaned");
    }
    std::rethrow_exception(cancelled);
  }

  Coro<void> run(const Node& node) {
    if (node.children.empty()) co_return co_await leaf(node);
    const Node& first = node.children[0];
    switch (node.kind) {
      case 'T': {
        auto body = [&]() -> Coro<void> { co_await run(first); };
        co_await asyncio::with(asyncio::timeout(micros(node.numbers[0])), body);
        co_return;
      }
      case 'W':
        co_await asyncio::wait_for(run(first), micros(node.numbers[0]));
        co_return;
      case 'S': {
        auto task = asyncio::create_task(run(first));
        co_await asyncio::shield(task);
        co_return;
      }
      case 'A':
        co_await asyncio::gather(run(first), run(node.children[1]));
        co_return;
      default: {
        auto body = [&](asyncio::TaskGroup& group) -> Coro<void> {
          if (node.kind == 'G') group.create_task(run(first));
          group.create_task(run(node.children[1]));
          if (node.kind == 'B') co_await run(first);
        };
        co_await asyncio::with(asyncio::TaskGroup(), body);
      }
    }
  }

  Node root_;
  std::optional<long> cancel_at_;
  std::string ended_ = "never began";
  std::vector<Entry> log_;
};

}  // namespace

TEST_CASE("T3: five thousand programs of nested scopes end as they do in CPython") {
  std::ifstream record(HEDDLE_TEST_DIR "/nested_scopes.expected");
  REQUIRE(record);
  std::string line;
  int compared = 0;
  int different = 0;
  while (std::getline(record, line)) {
    std::size_t tab = line.find('\t');
    Program program(line.substr(0, tab));
    auto body = [&program] { return program.run_whole(); };
    testing::run_async(body, {.census = false});
    ++compared;
    std::string outcome = program.outcome();
    if (outcome == line.substr(tab + 1)) continue;
    if (++different <= 10) MESSAGE("CPython: " << line << "\nhere:    " << outcome);
  }
  CHECK(compared == 5000);
  CHECK(different == 0);
}
