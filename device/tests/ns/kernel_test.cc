// What the SPM promises, from the side that must not be trusted: NS.
#include <array>
#include <cstring>

#include "device/images/memory_map.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

extern "C" psa_status_t cai_probe_Registers(std::uint32_t kept[8],
                                            std::uint32_t scratch[5],
                                            psa_handle_t handle,
                                            std::uint32_t control);

namespace cai::test {
namespace {

constexpr psa_handle_t kTest = CAI_PSA_HANDLE(kSid);
constexpr psa_handle_t kPeer = CAI_PSA_HANDLE(kPeerSid);

psa_status_t CallTest(Op op, const psa_invec* in, std::size_t ins,
                      psa_outvec* out, std::size_t outs) {
  return psa_call(kTest, static_cast<std::int32_t>(op), in, ins, out, outs);
}

template <typename T>
psa_status_t Give(Op op, const T& value) {
  const psa_invec in{&value, sizeof value};
  return CallTest(op, &in, 1, nullptr, 0);
}

template <typename T>
psa_status_t Ask(Op op, T& value) {
  psa_outvec out{&value, sizeof value};
  return CallTest(op, nullptr, 0, &out, 1);
}

// The partition still answers, and rightly.
bool TestLives() {
  std::uint32_t sent = 0x12345678, got = 0;
  const psa_invec in{&sent, sizeof sent};
  psa_outvec out{&got, sizeof got};
  return CallTest(Op::kEcho, &in, 1, &out, 1) == PSA_SUCCESS && got == sent &&
         out.len == sizeof got;
}

bool PeerLives() {
  const char sent[] = {'a', 'b', 'c'};
  char got[3] = {};
  const psa_invec in{sent, sizeof sent};
  psa_outvec out{got, sizeof got};
  return psa_call(kPeer, static_cast<std::int32_t>(PeerOp::kReverse), &in, 1,
                  &out, 1) == PSA_SUCCESS &&
         std::memcmp(got, "cba", 3) == 0;
}

std::uint32_t PeerAddress() {
  std::uint32_t address = 0;
  psa_outvec out{&address, sizeof address};
  psa_call(kPeer, static_cast<std::int32_t>(PeerOp::kWhere), nullptr, 0, &out,
           1);
  return address;
}

void* Pointer(std::uintptr_t address) {
  // Safety: only handed to the SPM, which must refuse to follow it.
  return reinterpret_cast<void*>(address);
}

// ---- Calls ------------------------------------------------------------------

CAI_DEVICE_TEST(PsaCall, EchoesTwoVectors) {
  const char one[] = "first", two[] = "the second";
  char one_back[16] = {}, two_back[16] = {};
  const psa_invec in[] = {{one, 5}, {two, 10}};
  psa_outvec out[] = {{one_back, 16}, {two_back, 16}};
  EXPECT(CallTest(Op::kEcho, in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(out[0].len == 5 && std::memcmp(one_back, one, 5) == 0);
  EXPECT(out[1].len == 10 && std::memcmp(two_back, two, 10) == 0);
}

CAI_DEVICE_TEST(PsaCall, DescribesTheCallerTruly) {
  Description d{};
  const psa_invec in[] = {{"abc", 3}, {nullptr, 0}};
  psa_outvec out[] = {{&d, sizeof d}, {nullptr, 0}};
  EXPECT(CallTest(Op::kDescribe, in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(d.client < 0 && d.sid == kSid && d.op == 1);
  EXPECT(d.in_count == 2 && d.out_count == 2);
  EXPECT(d.in_sizes[0] == 3 && d.in_sizes[1] == 0);
  EXPECT(d.out_sizes[0] == sizeof d);
  EXPECT((d.unprivileged & 3) == 3);  // nPRIV, SPSEL
}

CAI_DEVICE_TEST(PsaCall, CopiesOutputsWithAnErrorToo) {
  const std::int32_t status = -1234;
  std::uint32_t got = 0;
  const psa_invec in{&status, sizeof status};
  psa_outvec out{&got, sizeof got};
  EXPECT(CallTest(Op::kStatus, &in, 1, &out, 1) == -1234);
  EXPECT(got == 0xA5A5A5A5 && out.len == 4);
}

CAI_DEVICE_TEST(PsaCall, NestsIntoAnotherPartition) {
  const PeerCall call{kPeerSid, 0, 0};
  PeerResult result{};
  char got[4] = {};
  const psa_invec in[] = {{&call, sizeof call}, {"abcd", 4}};
  psa_outvec out[] = {{&result, sizeof result}, {got, sizeof got}};
  EXPECT(CallTest(Op::kCallPeer, in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(result.status == PSA_SUCCESS && result.out_len == 4);
  EXPECT(std::memcmp(got, "dcba", 4) == 0);
}

CAI_DEVICE_TEST(PsaCall, TellsTheCalleeWhichPartitionCalls) {
  const PeerCall call{kPeerSid, static_cast<std::int32_t>(PeerOp::kDescribe),
                      0};
  PeerResult result{};
  std::int32_t client = 0;
  const psa_invec in[] = {{&call, sizeof call}, {"x", 1}};
  psa_outvec out[] = {{&result, sizeof result}, {&client, sizeof client}};
  EXPECT(CallTest(Op::kCallPeer, in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(result.status == PSA_SUCCESS && client == 7);
}

CAI_DEVICE_TEST(PsaCall, LeavesNothingInTheAreas) {
  std::array<std::byte, 256> sent;
  sent.fill(std::byte{0xEE});
  std::array<std::byte, 256> got{};
  const psa_invec in{sent.data(), sent.size()};
  psa_outvec out{got.data(), got.size()};
  EXPECT(CallTest(Op::kEcho, &in, 1, &out, 1) == PSA_SUCCESS);
  psa_outvec again{got.data(), got.size()};
  EXPECT(CallTest(Op::kHold, nullptr, 0, &again, 1) == PSA_SUCCESS);
  std::uint32_t dirty = 1;
  std::memcpy(&dirty, got.data(), sizeof dirty);
  EXPECT(dirty == 0);
}

CAI_DEVICE_TEST(PsaVersion, KnowsOnlyWhatNsMayCall) {
  EXPECT(psa_framework_version() == 0x0101);
  EXPECT(psa_version(kSid) == kVersion);
  EXPECT(psa_version(kPeerSid) == 1);
  EXPECT(psa_version(0x55) == PSA_VERSION_NONE);
  EXPECT(psa_version(0) == PSA_VERSION_NONE);
  EXPECT(psa_version(0x10000 | kSid) == PSA_VERSION_NONE);
  EXPECT(psa_connect(kSid, 1) == PSA_ERROR_CONNECTION_REFUSED);
  psa_close(PSA_NULL_HANDLE);
  psa_close(kTest);  // static: still good
  EXPECT(TestLives());
}

// ---- Refusals ---------------------------------------------------------------

CAI_DEVICE_TEST(Refuses, WrongHandles) {
  const psa_handle_t wrong[] = {
      0,          1,         -1, CAI_PSA_HANDLE(0), CAI_PSA_HANDLE(0x55),
      0x40010009, 0x20000009};
  for (const psa_handle_t handle : wrong)
    EXPECT(psa_call(handle, 0, nullptr, 0, nullptr, 0) ==
           PSA_ERROR_PROGRAMMER_ERROR);
}

CAI_DEVICE_TEST(Refuses, OperationsThatAreNotNs) {
  EXPECT(psa_call(kTest, 64, nullptr, 0, nullptr, 0) ==
         PSA_ERROR_NOT_PERMITTED);
  EXPECT(psa_call(kPeer, 1, nullptr, 0, nullptr, 0) == PSA_ERROR_NOT_PERMITTED);
  EXPECT(psa_call(kPeer, 0x7fff, nullptr, 0, nullptr, 0) ==
         PSA_ERROR_NOT_PERMITTED);
  EXPECT(psa_call(kTest, -1, nullptr, 0, nullptr, 0) ==
         PSA_ERROR_PROGRAMMER_ERROR);
}

CAI_DEVICE_TEST(Refuses, TooManyVectors) {
  psa_invec in[5] = {};
  psa_outvec out[5] = {};
  EXPECT(CallTest(Op::kEcho, in, 5, nullptr, 0) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(CallTest(Op::kEcho, in, 3, out, 2) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(CallTest(Op::kEcho, in, ~std::size_t{0}, out, 0) ==
         PSA_ERROR_PROGRAMMER_ERROR);
}

// Every address that is not NS memory in one piece.
struct BadRange {
  std::uintptr_t base;
  std::size_t size;
};
constexpr BadRange kBadRanges[] = {
    {0, 4},
    {memory::kSpmRam.base, 4},
    {memory::kSecureData.base, 4},
    {memory::kSecureImage.base + 0x800, 4},  // even the veneers
    {memory::kNonsecureData.base, 4},        // NS data by its S alias
    {memory::kNonsecureDataNs.base - 4, 8},
    {memory::kNonsecureDataNs.end() - 4, 8},
    {memory::kNonsecureDataNs.base, memory::kNonsecureDataNs.size + 1},
    {memory::kNonsecureDataNs.base + 16, ~std::size_t{0} - 8},  // wraps
    {0xFFFFFFFC, 8},
    {memory::kUart0Ns.base, 4},  // NS, but not memory
    {memory::kNv.base, 4},
    {0xE000E010, 4},
};

CAI_DEVICE_TEST(Refuses, InputsThatAreNotNsMemory) {
  for (const BadRange& bad : kBadRanges) {
    char got[4];
    const psa_invec in{Pointer(bad.base), bad.size};
    psa_outvec out{got, sizeof got};
    const psa_status_t status = CallTest(Op::kEcho, &in, 1, &out, 1);
    const bool too_long = bad.size > 512;
    EXPECT(status == (too_long ? PSA_ERROR_INSUFFICIENT_MEMORY
                               : PSA_ERROR_PROGRAMMER_ERROR));
  }
  EXPECT(TestLives());
}

CAI_DEVICE_TEST(Refuses, OutputsThatAreNotNsMemory) {
  for (const BadRange& bad : kBadRanges) {
    const psa_invec in{"abcd", 4};
    psa_outvec out{Pointer(bad.base), bad.size};
    const psa_status_t status = CallTest(Op::kEcho, &in, 1, &out, 1);
    const bool too_long = bad.size > 512;
    EXPECT(status == (too_long ? PSA_ERROR_INSUFFICIENT_MEMORY
                               : PSA_ERROR_PROGRAMMER_ERROR));
  }
  // Code is readable, not writable.
  psa_outvec out{Pointer(memory::kNonsecureCodeNs.base + 0x1000), 4};
  const psa_invec in{Pointer(memory::kNonsecureCodeNs.base + 0x400), 4};
  EXPECT(CallTest(Op::kEcho, &in, 1, &out, 1) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(TestLives());
}

CAI_DEVICE_TEST(Refuses, VectorArraysThatAreNotNsMemory) {
  for (const BadRange& bad : kBadRanges) {
    if (bad.size > 8) continue;
    // Safety: only handed to the SPM.
    auto* in = static_cast<psa_invec*>(Pointer(bad.base));
    auto* out = static_cast<psa_outvec*>(Pointer(bad.base));
    EXPECT(CallTest(Op::kEcho, in, 1, nullptr, 0) ==
           PSA_ERROR_PROGRAMMER_ERROR);
    EXPECT(CallTest(Op::kEcho, nullptr, 0, out, 1) ==
           PSA_ERROR_PROGRAMMER_ERROR);
  }
  alignas(8) char misaligned[24] = {};
  EXPECT(CallTest(Op::kEcho, reinterpret_cast<psa_invec*>(misaligned + 1), 1,
                  nullptr, 0) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(TestLives());
}

CAI_DEVICE_TEST(Refuses, MoreThanTheAreaHolds) {
  static std::array<std::byte, 520> big;
  char got[4];
  const psa_invec exact{big.data(), 512}, over{big.data(), 513};
  psa_outvec out{got, sizeof got};
  EXPECT(CallTest(Op::kEcho, &exact, 1, &out, 1) == PSA_SUCCESS);
  EXPECT(CallTest(Op::kEcho, &over, 1, &out, 1) ==
         PSA_ERROR_INSUFFICIENT_MEMORY);
  psa_outvec over_out{big.data(), 513};
  EXPECT(CallTest(Op::kEcho, &exact, 1, &over_out, 1) ==
         PSA_ERROR_INSUFFICIENT_MEMORY);
  const psa_invec two[] = {{big.data(), 300}, {big.data(), 300}};
  EXPECT(CallTest(Op::kEcho, two, 2, nullptr, 0) ==
         PSA_ERROR_INSUFFICIENT_MEMORY);
  EXPECT(TestLives());
}

CAI_DEVICE_TEST(Refuses, SizesThatTheCalleeInvents) {
  std::uint32_t got = 0;
  psa_outvec out{&got, sizeof got};
  EXPECT(CallTest(Op::kOverstate, nullptr, 0, &out, 1) == PSA_SUCCESS);
  EXPECT(out.len == 0 && got == 0);
}

CAI_DEVICE_TEST(Refuses, OutputPointersThatTheCalleeInvents) {
  std::uint32_t got = 1;
  psa_outvec out{&got, sizeof got};
  EXPECT(CallTest(Op::kMisdirect, nullptr, 0, &out, 1) == PSA_SUCCESS);
  EXPECT(got == 0);  // the area's own bytes, not the root it pointed at
}

CAI_DEVICE_TEST(Refuses, PointersThatAreNotTheCallingPartitions) {
  for (std::uint32_t bad = 1; bad <= 8; ++bad) {
    const PeerCall call{kPeerSid, 0, bad};
    PeerResult result{};
    char got[4] = {};
    const psa_invec in[] = {{&call, sizeof call}, {"abcd", 4}};
    psa_outvec out[] = {{&result, sizeof result}, {got, sizeof got}};
    EXPECT(CallTest(Op::kCallPeer, in, 2, out, 2) == PSA_SUCCESS);
    EXPECT(result.status == (bad == 5 ? PSA_ERROR_INSUFFICIENT_MEMORY
                                      : PSA_ERROR_PROGRAMMER_ERROR));
  }
  EXPECT(TestLives() && PeerLives());
}

CAI_DEVICE_TEST(Refuses, PartitionsWithoutAuthority) {
  // test may not call itself, nor an op that only NS has.
  for (const PeerCall call :
       {PeerCall{kSid, 0, 0}, PeerCall{kPeerSid, 16, 0}}) {
    PeerResult result{};
    char got[4] = {};
    const psa_invec in[] = {{&call, sizeof call}, {"abcd", 4}};
    psa_outvec out[] = {{&result, sizeof result}, {got, sizeof got}};
    EXPECT(CallTest(Op::kCallPeer, in, 2, out, 2) == PSA_SUCCESS);
    EXPECT(result.status == PSA_ERROR_NOT_PERMITTED);
  }
}

CAI_DEVICE_TEST(Privileges, AreThoseOfTheManifest) {
  std::uint32_t wrong = 99;
  EXPECT(Ask(Op::kPrivileges, wrong) == PSA_SUCCESS);
  EXPECT(wrong == 0);
  tap::Note("first wrong answer", wrong);
}

// The line of a partition's device comes while NS runs, not inside a call of
// the partition, and its function runs with the partition's rights.
CAI_DEVICE_TEST(Interrupt, IsServedByItsPartitionBetweenCalls) {
  constexpr std::uint32_t kBytes = 5;
  Interrupts before{}, after{};
  EXPECT(Ask(Op::kInterrupts, before) == PSA_SUCCESS);
  EXPECT(Give(Op::kRaise, kBytes) == PSA_SUCCESS);
  for (int i = 0; i < 1000; ++i) __asm__ volatile("");
  EXPECT(Ask(Op::kInterrupts, after) == PSA_SUCCESS);
  EXPECT(after.count == before.count + kBytes);
  EXPECT(after.inside_call == 0);
  EXPECT(after.irq == memory::kUart2Irq1);
  EXPECT((after.unprivileged & 3) == 3);
  EXPECT(TestLives() && PeerLives());
}

CAI_DEVICE_TEST(Time, RunsWithTheTimer) {
  std::uint64_t before = 0, after = 0;
  EXPECT(Ask(Op::kUptime, before) == PSA_SUCCESS);
  EXPECT(Give(Op::kSpin, std::uint32_t{120}) == PSA_SUCCESS);
  EXPECT(Ask(Op::kUptime, after) == PSA_SUCCESS);
  EXPECT(after >= before + 120 && after < before + 200);
}

// ---- NS cannot reach what is not its own ------------------------------------

void ReadWord(std::uint32_t address) {
  // Safety: meant to fault.
  *reinterpret_cast<volatile std::uint32_t*>(address);
}
void WriteWord(std::uint32_t address) {
  // Safety: meant to fault.
  *reinterpret_cast<volatile std::uint32_t*>(address) = 0;
}
void JumpTo(std::uint32_t address) {
  // Safety: meant to fault.
  reinterpret_cast<void (*)()>(address | 1)();
}

CAI_DEVICE_TEST(NonSecure, FaultsOnSecureMemory) {
  for (const std::uint32_t address :
       {memory::kSpmRam.base, memory::kSecureData.base,
        memory::kSecureImage.base, memory::kBootRam.base, memory::kOtpPage.base,
        memory::kNv.base, memory::kModels.base, memory::kUart1.base,
        memory::kI2c3.base, std::uintptr_t{0x50080000}}) {
    EXPECT(tap::Faults(ReadWord, address));
    EXPECT(tap::fault_vector == 4);
    EXPECT(tap::Faults(WriteWord, address));
  }
  EXPECT(TestLives());
}

CAI_DEVICE_TEST(NonSecure, FaultsOnNsAliasesOfSecureMemory) {
  constexpr std::uint32_t kAlias = 0x10000000;
  for (const std::uintptr_t secure :
       {memory::kSpmRam.base, memory::kSecureData.base,
        memory::kSecureImage.base, memory::kUart1.base, memory::kI2c3.base,
        memory::kModels.base})
    EXPECT(tap::Faults(ReadWord, secure - kAlias));
}

CAI_DEVICE_TEST(NonSecure, FaultsOnSecureCodeThatIsNoGateway) {
  EXPECT(tap::Faults(JumpTo, memory::kSecureImage.base + 0x1000));
  EXPECT(tap::Faults(JumpTo, memory::kSecureImage.base + 0x800 + 4));
  EXPECT(tap::Faults(JumpTo, memory::kSecureImage.base + 0x870));
  EXPECT(TestLives());
}

// A call without vectors, by the veneer itself.
constexpr std::uint32_t Control(std::int32_t op, std::uint32_t ins = 0) {
  return static_cast<std::uint32_t>(op) << 16 | ins << 8;
}
constexpr std::uint32_t Control(Op op) {
  return Control(static_cast<std::int32_t>(op));
}

psa_status_t ExpectOwnRegisters(psa_handle_t handle, std::uint32_t control) {
  std::uint32_t kept[8] = {}, scratch[5] = {1, 1, 1, 1, 1};
  const psa_status_t status =
      cai_probe_Registers(kept, scratch, handle, control);
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT(kept[i] == 0x1111 * (i + 4));
  for (const std::uint32_t word : scratch) EXPECT(word == 0);
  return status;
}

CAI_DEVICE_TEST(NonSecure, GetsItsRegistersBackAndNoOthers) {
  EXPECT(ExpectOwnRegisters(kTest, Control(Op::kEcho)) == PSA_SUCCESS);
  EXPECT(ExpectOwnRegisters(CAI_PSA_HANDLE(0x55), 0) ==
         PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(ExpectOwnRegisters(kTest, Control(64)) == PSA_ERROR_NOT_PERMITTED);
  EXPECT(ExpectOwnRegisters(kTest, Control(0, 5)) ==
         PSA_ERROR_PROGRAMMER_ERROR);
  // What psa_call would not pack.
  EXPECT(ExpectOwnRegisters(kTest, 0xFFFF0000) == PSA_ERROR_NOT_PERMITTED);
  EXPECT(ExpectOwnRegisters(kTest, 0xFFFF) == PSA_ERROR_PROGRAMMER_ERROR);
}

// ---- Partitions that fail ---------------------------------------------------

// What every failure has in common: one error for the caller, then refusal;
// the rest goes on.
void ExpectStopped(psa_status_t status) {
  EXPECT(status == PSA_ERROR_COMMUNICATION_FAILURE);
  EXPECT(!TestLives());
  EXPECT(CallTest(Op::kEcho, nullptr, 0, nullptr, 0) ==
         PSA_ERROR_CONNECTION_REFUSED);
  EXPECT(PeerLives());
}

#define CAI_STOPS(name, op, address)                       \
  CAI_DEVICE_SCENARIO(Stops, name) {                       \
    EXPECT(TestLives());                                   \
    ExpectStopped(Give(Op::op, std::uint32_t{(address)})); \
  }

CAI_STOPS(OnReadingAnotherPartition, kRead, PeerAddress())
CAI_STOPS(OnWritingAnotherPartition, kWrite, PeerAddress())
CAI_STOPS(OnReadingTheSpm, kRead, memory::kSpmRam.base + 0x1000)
CAI_STOPS(OnReadingAPeripheral, kRead, memory::kUart1.base)
CAI_STOPS(OnReadingNsMemory, kRead, memory::kNonsecureDataNs.base)
CAI_STOPS(OnReadingTheFlash, kRead, memory::kNv.base)
CAI_STOPS(OnReadingTheOtpPage, kRead, memory::kOtpPage.base)
CAI_STOPS(OnReadingBootRam, kRead, memory::kHandoff.base)
CAI_STOPS(OnReadingTheVectors, kRead, memory::kSecureImage.base + 0x400)
CAI_STOPS(OnWritingSharedCode, kWrite, memory::kSecureImage.base + 0x880)
CAI_STOPS(OnWritingASystemRegister, kWrite, 0xE000ED08)
CAI_STOPS(OnWritingTheSau, kWrite, 0xE000EDD0)
CAI_STOPS(OnExecutingItsData, kExecute, memory::kSecureData.base + 0x200)
CAI_STOPS(OnExecutingAnotherPartition, kExecute, PeerAddress())
CAI_STOPS(OnStackOverflow, kOverflow, 0)
CAI_STOPS(OnHanging, kHang, 0)
CAI_STOPS(OnAnUndefinedInstruction, kUndefined, 0)
CAI_STOPS(OnABreakpoint, kBreakpoint, 0)
CAI_STOPS(OnForgingTheVeneersCall, kForgeNsCall, 0)
CAI_STOPS(OnForgingAStart, kForgeStart, 0)
CAI_STOPS(OnAnUnknownCall, kUnknownSvc, 0)
CAI_STOPS(OnForgingItsExceptionFrame, kBadFrame, 0)
CAI_STOPS(OnAStackInAnotherPartition, kBadStack, PeerAddress() + 64)

CAI_DEVICE_SCENARIO(Stops, WithNothingOfItInRegisters) {
  ExpectStopped(ExpectOwnRegisters(kTest, Control(Op::kUndefined)));
}

// It ran for nobody: NS goes on where it was.
CAI_DEVICE_SCENARIO(Stops, WhenItsInterruptFaults) {
  EXPECT(CallTest(Op::kFaultOnInterrupt, nullptr, 0, nullptr, 0) ==
         PSA_SUCCESS);
  for (int i = 0; i < 1000; ++i) __asm__ volatile("");
  EXPECT(CallTest(Op::kEcho, nullptr, 0, nullptr, 0) ==
         PSA_ERROR_CONNECTION_REFUSED);
  EXPECT(PeerLives());
}

void ExpectCalleeStopped(PeerOp op) {
  const PeerCall call{kPeerSid, static_cast<std::int32_t>(op), 0};
  PeerResult result{};
  char got[4] = {};
  const psa_invec in[] = {{&call, sizeof call}, {"abcd", 4}};
  psa_outvec out[] = {{&result, sizeof result}, {got, sizeof got}};
  EXPECT(CallTest(Op::kCallPeer, in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(result.status == PSA_ERROR_COMMUNICATION_FAILURE);
  EXPECT(result.out_len == 0);
  EXPECT(TestLives() && !PeerLives());
}

CAI_DEVICE_SCENARIO(Stops, TheCalleeAndNotItsCaller) {
  ExpectCalleeStopped(PeerOp::kFault);
}

// The time that the callee takes is not its caller's.
CAI_DEVICE_SCENARIO(Stops, TheCalleeThatHangsAndNotItsCaller) {
  ExpectCalleeStopped(PeerOp::kHang);
}

}  // namespace
}  // namespace cai::test
