#include <doctest/doctest.h>
#include <heddle/multiprocessing/codec.h>

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

using namespace heddle::multiprocessing;

enum class Colour : std::uint8_t { red, green };

struct Inner {
  int number = 0;
  std::optional<std::string> text;
  bool operator==(const Inner&) const = default;
};

struct Outer {
  std::string name;
  std::vector<Inner> inners;
  std::map<std::string, std::vector<double>> table;
  std::variant<int, std::string, Inner> choice;
  std::array<int, 3> triple{};
  Colour colour = Colour::red;
  std::pair<bool, char> pair;
  bool operator==(const Outer&) const = default;
};

struct Empty {
  bool operator==(const Empty&) const = default;
};

class Money {
 public:
  Money() = default;
  Money(long cents, std::string currency) : cents_(cents), currency_(std::move(currency)) {}
  bool operator==(const Money&) const = default;
  template <class Archive>
  friend void serialize(Archive& archive, Money& money) {
    archive(money.cents_, money.currency_);
  }

 private:
  long cents_ = 0;
  std::string currency_;
};

template <class T>
static void round_trip(const T& value) {
  CHECK(decode<T>(encode(value)) == value);
}

static Outer example() {
  return {"name",
          {{1, "one"}, {2, std::nullopt}},
          {{"a", {1.5, 2.5}}, {"b", {}}},
          Inner{3, "three"},
          {1, 2, 3},
          Colour::green,
          {true, 'c'}};
}

TEST_CASE("codec: values of every kind come back") {
  round_trip(42);
  round_trip(-1.5);
  round_trip(true);
  round_trip(Colour::green);
  round_trip(std::string("text\0with zero", 14));
  round_trip(std::vector<bool>{true, false});
  round_trip(std::vector<std::string>{"a", "", "c"});
  round_trip(std::tuple(1, std::string("x"), 2.5));
  round_trip(std::optional<int>());
  round_trip(std::deque<int>{1, 2});
  round_trip(std::set<std::string>{"x", "y"});
  round_trip(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
  round_trip(std::monostate());
  round_trip(Empty());
  round_trip(Money(5, "EUR"));
  round_trip(std::vector<Money>{Money(5, "EUR")});
  round_trip(example());
}

TEST_CASE("codec: what cannot be sent is known at compile time") {
  CHECK(is_encodable<Outer>);
  CHECK(!is_encodable<int*>);
  CHECK(!is_encodable<std::string_view>);
  CHECK(!is_encodable<std::vector<const char*>>);
}

TEST_CASE("codec: bytes cut off anywhere are refused") {
  std::string bytes = encode(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(decode<Outer>(std::string_view(bytes).substr(0, size)), DecodeError);
  }
  CHECK_THROWS_AS(decode<Outer>(bytes + "x"), DecodeError);
}

TEST_CASE("codec: a length that the bytes cannot fill is refused before memory is taken") {
  std::uint64_t huge = std::uint64_t{1} << 60;
  std::string bytes(reinterpret_cast<const char*>(&huge), sizeof huge);
  CHECK_THROWS_AS(decode<std::string>(bytes), DecodeError);
  CHECK_THROWS_AS(decode<std::vector<double>>(bytes), DecodeError);
  CHECK_THROWS_AS(decode<std::vector<std::string>>(bytes), DecodeError);
  CHECK_THROWS_AS(decode<bool>("\x02"), DecodeError);
  CHECK_THROWS_AS((decode<std::variant<int, bool>>(std::string("\x05\0\0\0", 4))), DecodeError);
}
