#include <doctest/doctest.h>
#include <heddle/core/ref.h>

struct Object : heddle::Counted {
  explicit Object(int& alive) : alive_(alive) { ++alive_; }
  ~Object() { --alive_; }
  void destroy() noexcept { delete this; }
  int& alive_;
};

TEST_CASE("Ref: the last one destroys the object, however it was passed on") {
  int alive = 0;
  {
    heddle::Ref<Object> a(new Object(alive));
    heddle::Ref<Object> b = a;
    heddle::Ref<Object> c = std::move(a);
    CHECK(!a);
    CHECK(b == c);
    CHECK(b->use_count() == 2);
    Object* raw = b.detach();
    CHECK(c->use_count() == 2);
    b = heddle::Ref<Object>::adopt(raw);
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}
