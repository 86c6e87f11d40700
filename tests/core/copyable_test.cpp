#include <doctest/doctest.h>
#include <heddle/core/copyable.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

TEST_CASE("copyable: looks into containers") {
  CHECK(heddle::copyable<std::vector<std::string>>);
  CHECK(!heddle::copyable<std::vector<std::unique_ptr<int>>>);
  CHECK(!heddle::copyable<std::map<int, std::vector<std::unique_ptr<int>>>>);
  CHECK(!heddle::copyable<std::unique_ptr<int>>);
}
