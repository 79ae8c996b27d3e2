// Tests in the NSPE: TAP lines on UART0, exit by semihosting.
//
//   CAI_DEVICE_TEST(PsaCall, EchoesItsInput) { EXPECT(...); }
//
// The command line (semihosting) chooses tests by name: with none, all but
// those declared with CAI_DEVICE_SCENARIO run, which end a partition for good
// and so need a machine of their own.
#pragma once

#include <cstdint>

namespace cai::tap {

struct Test {
  const char* name;
  void (*run)();
  bool scenario;
  Test* next = nullptr;

  Test(const char* test_name, void (*body)(), bool alone);
};

void Expect(bool condition, const char* words, const char* file, int line);

// A value for the reader of the log: "# words: 123".
void Note(const char* words, std::uint32_t value);

// Runs the tests that the command line chose; exits with the number of
// failures.
[[noreturn]] void RunAll();

// Runs `function`; true if it was ended by a fault.
bool Faults(void (*function)(std::uint32_t), std::uint32_t argument);
// Of the last fault.
extern volatile std::uint32_t fault_vector;

}  // namespace cai::tap

#define CAI_DEVICE_TEST_NAMED(suite, name, alone)                      \
  static void suite##_##name();                                        \
  static cai::tap::Test suite##_##name##_test(#suite "." #name,        \
                                              &suite##_##name, alone); \
  static void suite##_##name()
#define CAI_DEVICE_TEST(suite, name) CAI_DEVICE_TEST_NAMED(suite, name, false)
#define CAI_DEVICE_SCENARIO(suite, name) \
  CAI_DEVICE_TEST_NAMED(suite, name, true)
#define EXPECT(condition) \
  cai::tap::Expect((condition), #condition, __FILE__, __LINE__)
