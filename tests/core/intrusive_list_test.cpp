#include <doctest/doctest.h>
#include <heddle/core/intrusive_list.h>

#include <vector>

struct Item : heddle::ListLink {
  explicit Item(int n) : number(n) {}
  int number;
};

static std::vector<int> numbers(heddle::IntrusiveList<Item>& list) {
  std::vector<int> found;
  for (Item* item = list.first(); item != nullptr; item = list.next(*item))
    found.push_back(item->number);
  return found;
}

TEST_CASE("IntrusiveList: first in, first out; an element leaves when it dies") {
  heddle::IntrusiveList<Item> list;
  Item one(1);
  Item three(3);
  {
    Item two(2);
    list.push_back(one);
    list.push_back(two);
    list.push_back(three);
    CHECK(numbers(list) == std::vector{1, 2, 3});
  }
  CHECK(numbers(list) == std::vector{1, 3});
  one.unlink();
  one.unlink();
  CHECK(!one.linked());
  list.push_front(one);
  CHECK(numbers(list) == std::vector{1, 3});
}

TEST_CASE("IntrusiveList: whole lists move in constant time, and elements survive their list") {
  Item items[] = {Item(1), Item(2), Item(3), Item(4)};
  {
    heddle::IntrusiveList<Item> a;
    heddle::IntrusiveList<Item> b;
    a.push_back(items[1]);
    b.push_back(items[2]);
    b.push_back(items[3]);
    a.splice_back(b);
    CHECK(b.empty());
    b.push_back(items[0]);
    a.splice_front(b);
    a.splice_front(b);
    CHECK(numbers(a) == std::vector{1, 2, 3, 4});
  }
  CHECK(!items[0].linked());
}

TEST_CASE("IntrusiveList: take_over() leaves the other list empty and keeps the order") {
  heddle::IntrusiveList<Item> from;
  heddle::IntrusiveList<Item> to;
  Item one(1);
  Item two(2);
  Item three(3);
  from.push_back(one);
  from.push_back(two);
  to.take_over(from);
  CHECK(from.empty());
  CHECK(numbers(to) == std::vector{1, 2});
  from.push_back(three);
  two.unlink();
  CHECK(numbers(to) == std::vector{1});
  CHECK(numbers(from) == std::vector{3});
}
