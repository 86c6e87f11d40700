// The main() of every test program: doctest, and a census after each test case.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS  // SIGINT belongs to the tests
#include <doctest/doctest.h>
#include <heddle/multiprocessing/process.h>
#include <heddle/testing/census.h>

#include <cstdio>

// ThreadSanitizer does not see the count of an exception object, which is inside the C++ library,
// and takes the end of an exception in one thread for a race with its reader in another. It asks
// for this by name.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:std::__exception_ptr::exception_ptr::_M_release\n";
}
// To compare a report with that, a sanitizer asks a symbolizer, whose descriptors stay open: it
// does so before the first census. Null in a build without one.
extern "C" __attribute__((weak)) void __sanitizer_symbolize_pc(void* pc, const char* format,
                                                               char* buffer, std::size_t size);
static void open_symbolizer() {
  if (__sanitizer_symbolize_pc == nullptr) return;
  char text[64];
  __sanitizer_symbolize_pc(reinterpret_cast<void*>(&open_symbolizer), "%f", text, sizeof text);
}

namespace {

// Whatever a test case leaves behind fails the program.
class CensusReporter final : public doctest::IReporter {
 public:
  explicit CensusReporter(const doctest::ContextOptions&) {}
  static inline int failures = 0;

  void test_case_start(const doctest::TestCaseData& data) override {
    name_ = data.m_name;
    before_ = heddle::testing::Census::take();
  }
  void test_case_end(const doctest::CurrentTestCaseStats&) override {
    std::string left = heddle::testing::Census::take().difference(before_);
    if (left.empty()) return;
    std::fprintf(stderr, "CENSUS: \"%s\" left behind: %s\n", name_, left.c_str());
    ++failures;
  }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  const char* name_ = "";
  heddle::testing::Census before_;
};

}  // namespace

REGISTER_LISTENER("census", 1, CensusReporter);

int main(int argc, char** argv) {
  heddle::multiprocessing::init(argc, argv);
  open_symbolizer();
  doctest::Context context(argc, argv);
  int result = context.run();
  return result != 0 ? result : (CensusReporter::failures > 0 ? 1 : 0);
}
