// A program that forgot multiprocessing::init() is told so.
#include <heddle/core/error.h>
#include <heddle/multiprocessing.h>

#include <cstdio>

static void nothing() {}

int main() {
  heddle::multiprocessing::Process process(nothing);
  try {
    process.start();
  } catch (const heddle::RuntimeError& error) {
    std::puts(error.what());
  }
}
