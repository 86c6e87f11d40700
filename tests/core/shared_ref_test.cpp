#include <doctest/doctest.h>
#include <heddle/core/shared_ref.h>

#include <atomic>
#include <thread>
#include <vector>

struct SharedObject : heddle::SharedCounted {
  explicit SharedObject(std::atomic<int>& alive, std::uint32_t references = 0)
      : SharedCounted(references), alive_(alive) {
    ++alive_;
  }
  ~SharedObject() { --alive_; }
  void destroy() noexcept { delete this; }
  std::atomic<int>& alive_;
};

TEST_CASE("SharedRef: the last one destroys the object, however it was passed on") {
  std::atomic<int> alive = 0;
  {
    heddle::SharedRef<SharedObject> a(new SharedObject(alive));
    heddle::SharedRef<SharedObject> b = a;
    heddle::SharedRef<SharedObject> c = std::move(a);
    CHECK(!a);
    CHECK(b == c);
    CHECK(b->use_count() == 2);
    b = heddle::SharedRef<SharedObject>::adopt(b.detach());
    CHECK(c->use_count() == 2);
    auto twice = heddle::SharedRef<SharedObject>::adopt(new SharedObject(alive, 1));
    CHECK(alive == 2);
  }
  CHECK(alive == 0);
}

TEST_CASE("SharedRef: copies come and go on many threads, and the object dies once") {
  std::atomic<int> alive = 0;
  {
    heddle::SharedRef<SharedObject> shared(new SharedObject(alive));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([shared] {
        for (int i = 0; i < 10'000; ++i) heddle::SharedRef<SharedObject> copy = shared;
      });
    }
    shared = {};
    for (auto& thread : threads) thread.join();
  }
  CHECK(alive == 0);
}
