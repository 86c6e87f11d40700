#include <doctest/doctest.h>
#include <heddle/detail/memory.h>
#include <heddle/testing/census.h>
#include <unistd.h>

using heddle::testing::Census;

TEST_CASE("T6: the census sees frames and descriptors that are left") {
  Census before = Census::take();
  CHECK(Census::take().difference(before).empty());
  void* block = heddle::detail::allocate(100);
  int fd = ::dup(0);
  CHECK(Census::take().difference(before) == "1 frames, tasks or handles, 1 descriptors");
  heddle::detail::deallocate(block, 100);
  ::close(fd);
  CHECK(Census::take().difference(before).empty());
}
