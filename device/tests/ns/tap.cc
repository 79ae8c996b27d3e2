#include "device/tests/ns/tap.h"

#include <csetjmp>
#include <cstring>

#include "device/images/memory_map.h"

namespace cai::tap {
namespace {

constexpr std::uint32_t kSysGetCommandLine = 0x15, kSysExitExtended = 0x20;
constexpr std::uint32_t kApplicationExit = 0x20026;

Test* first = nullptr;
Test** last = &first;
bool current_failed = false;
bool expecting = false;
std::jmp_buf resume;
char command_line[256];

volatile std::uint32_t& Uart(std::uint32_t offset) {
  // Safety: UART0, which the manifest opens to NS.
  return *reinterpret_cast<volatile std::uint32_t*>(memory::kUart0Ns.base +
                                                    offset);
}

void Put(char c) {
  while ((Uart(4) & 1) != 0) {
  }
  Uart(0) = static_cast<unsigned char>(c);
}

void Print(const char* text) {
  for (; *text != 0; ++text) Put(*text);
}

void Print(std::uint32_t value) {
  char digits[11];
  char* at = digits + sizeof digits - 1;
  *at = 0;
  do *--at = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  Print(at);
}

int Semihost(std::uint32_t operation, void* argument) {
  register std::uint32_t r0 __asm__("r0") = operation;
  register void* r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int>(r0);
}

// The words after the program's name.
const char* Arguments() {
  struct {
    char* buffer;
    int size;
  } block{command_line, sizeof command_line - 1};
  if (Semihost(kSysGetCommandLine, &block) != 0) return "";
  const char* space = std::strchr(command_line, ' ');
  return space == nullptr ? "" : space + 1;
}

bool Chosen(const Test& test, const char* arguments) {
  if (*arguments == 0) return !test.scenario;
  return std::strcmp(arguments, test.name) == 0;
}

}  // namespace

volatile std::uint32_t fault_vector = 0;

Test::Test(const char* test_name, void (*body)(), bool alone)
    : name(test_name), run(body), scenario(alone) {
  *last = this;
  last = &next;
}

void Expect(bool condition, const char* words, const char* file, int line) {
  if (condition) return;
  current_failed = true;
  Print("# ");
  Print(file);
  Print(":");
  Print(static_cast<std::uint32_t>(line));
  Print(": expected ");
  Print(words);
  Print("\n");
}

void Note(const char* words, std::uint32_t value) {
  Print("# ");
  Print(words);
  Print(": ");
  Print(value);
  Print("\n");
}

bool Faults(void (*function)(std::uint32_t), std::uint32_t argument) {
  fault_vector = 0;
  expecting = true;
  if (setjmp(resume) == 0) function(argument);
  expecting = false;
  return fault_vector != 0;
}

void RunAll() {
  Uart(0x10) = 16;
  Uart(8) = 1;
  const char* arguments = Arguments();
  std::uint32_t count = 0, failed = 0;
  for (Test* test = first; test != nullptr; test = test->next) {
    if (!Chosen(*test, arguments)) continue;
    current_failed = false;
    test->run();
    ++count;
    if (current_failed) ++failed;
    Print(current_failed ? "not ok " : "ok ");
    Print(count);
    Print(" - ");
    Print(test->name);
    Print("\n");
  }
  Print("1..");
  Print(count);
  Print("\n");
  std::uint32_t block[2] = {kApplicationExit, count == 0 || failed != 0};
  Semihost(kSysExitExtended, block);
  for (;;) {
  }
}

namespace {

[[noreturn]] void Resume() { std::longjmp(resume, 1); }

}  // namespace
}  // namespace cai::tap

// The processor stacked this.
struct StackedFrame {
  std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

// An expected fault returns into the test that waits for it.
extern "C" void cai_ns_Fault(std::uint32_t vector, StackedFrame* frame) {
  using namespace cai::tap;
  fault_vector = vector;
  if (!expecting) {
    Print("Bail out! fault ");
    Print(vector);
    Print(" at ");
    Print(frame->pc);
    Print("\n");
    std::uint32_t block[2] = {kApplicationExit, 70};
    Semihost(kSysExitExtended, block);
  }
  frame->pc = reinterpret_cast<std::uint32_t>(&Resume) & ~1u;
  frame->xpsr = 1u << 24;
}

extern "C" void cai_ns_Main() { cai::tap::RunAll(); }
