#include <doctest/doctest.h>
#include <heddle/detail/memory.h>
#include <heddle/threading/event.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using heddle::detail::allocate;
using heddle::detail::deallocate;
using heddle::detail::live_allocations;

TEST_CASE("allocate: a block freed on another thread comes back to who allocates") {
  if (heddle::address_sanitizer) return;  // memory is not recycled there
  constexpr std::size_t size = 4096;
  std::int64_t before = live_allocations();
  void* block = allocate(size);
  CHECK(live_allocations() == before + 1);
  std::thread([block] { deallocate(block, size); }).join();
  CHECK(live_allocations() == before);
  // What this thread keeps itself comes first.
  std::vector<void*> blocks;
  do {
    blocks.push_back(allocate(size));
  } while (blocks.back() != block && blocks.size() < 10'000);
  CHECK(blocks.back() == block);
  for (void* taken : blocks) deallocate(taken, size);
  CHECK(live_allocations() == before);
}

namespace {

// Those of `given` that this thread gets among as many allocations, and frees again.
std::size_t come_back(const std::vector<void*>& given, std::size_t size) {
  std::set<void*> known(given.begin(), given.end());
  std::vector<void*> again;
  std::size_t back = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    again.push_back(allocate(size));
    back += known.count(again.back());
  }
  for (void* block : again) deallocate(block, size);
  return back;
}

}  // namespace

TEST_CASE("allocate: a living thread that only frees hands on all but a few blocks") {
  if (heddle::address_sanitizer) return;  // memory is not recycled there
  constexpr std::size_t size = 240;
  constexpr std::size_t count = 1000;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(allocate(size));
  heddle::threading::Event freed;
  heddle::threading::Event over;
  std::thread other([&] {
    for (void* block : blocks) deallocate(block, size);
    freed.set();
    over.wait();
  });
  freed.wait();
  std::size_t back = come_back(blocks, size);
  CHECK(back >= count - 64);
  CHECK(back < count);  // it does keep some
  over.set();
  other.join();
}

TEST_CASE("allocate: a thread that needs one block does not take all that others gave up") {
  if (heddle::address_sanitizer) return;  // memory is not recycled there
  constexpr std::size_t size = 272;
  constexpr std::size_t count = 1000;
  std::vector<void*> blocks;
  std::thread([&] {
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(allocate(size));
    for (void* block : blocks) deallocate(block, size);
  }).join();
  heddle::threading::Event served;
  heddle::threading::Event over;
  std::thread other([&] {
    void* block = allocate(size);
    served.set();
    over.wait();
    deallocate(block, size);
  });
  served.wait();
  CHECK(come_back(blocks, size) >= count - 32);
  over.set();
  other.join();
}

namespace {

struct FreesLate {
  static constexpr std::size_t size = 288;
  void* block = nullptr;
  ~FreesLate() {
    if (block != nullptr) deallocate(block, size);
  }
};

}  // namespace

TEST_CASE("allocate: what a thread frees after it passed its memory on comes back, too") {
  if (heddle::address_sanitizer) return;  // memory is not recycled there
  std::vector<void*> blocks;
  for (int i = 0; i < 10; ++i) {
    std::thread([&] {
      static thread_local FreesLate late;  // made before the thread's lists, so it ends after them
      late.block = nullptr;
      late.block = allocate(FreesLate::size);
      blocks.push_back(late.block);
    }).join();
  }
  CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == 1);
  CHECK(come_back({blocks.front()}, FreesLate::size) == 1);
}

TEST_CASE("allocate: blocks are apart and aligned, also when there are many megabytes of them") {
  constexpr std::size_t size = 1008;
  constexpr std::size_t count = 9000;  // 9 MB
  std::int64_t before = live_allocations();
  std::vector<unsigned char*> blocks;
  bool aligned = true;
  for (std::size_t i = 0; i < count; ++i) {
    auto* block = static_cast<unsigned char*>(allocate(size));
    aligned = aligned && reinterpret_cast<std::uintptr_t>(block) % 16 == 0;
    std::memset(block, static_cast<int>(i % 251), size);
    blocks.push_back(block);
  }
  CHECK(aligned);
  CHECK(live_allocations() == before + static_cast<std::int64_t>(count));
  bool whole = true;
  for (std::size_t i = 0; i < count; ++i) {
    whole = whole && blocks[i][0] == i % 251 && blocks[i][size - 1] == i % 251;
    deallocate(blocks[i], size);
  }
  CHECK(whole);
  CHECK(live_allocations() == before);
}

TEST_CASE("allocate_shared: the census leaves it out, whoever frees it") {
  std::int64_t before = live_allocations();
  void* block = heddle::detail::allocate_shared(100);
  CHECK(live_allocations() == before);
  std::thread([block] { heddle::detail::deallocate_shared(block, 100); }).join();
  CHECK(live_allocations() == before);
}

namespace {

template <class Base>
struct alignas(128) Wide : Base {
  char bytes[128];
};

}  // namespace

TEST_CASE("Pooled, SharedPooled: an object of a wide alignment is aligned") {
  auto own = std::make_unique<Wide<heddle::detail::Pooled>>();
  auto shared = std::make_unique<Wide<heddle::detail::SharedPooled>>();
  CHECK(reinterpret_cast<std::uintptr_t>(own.get()) % 128 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(shared.get()) % 128 == 0);
}

namespace {

struct alignas(128) Thrower : heddle::detail::SharedPooled {
  Thrower() { throw 1; }
};

}  // namespace

TEST_CASE("SharedPooled: a wide object whose constructor throws leaves no memory behind") {
  CHECK_THROWS_AS(new Thrower, int);  // AddressSanitizer would find it
}
