// Callers in every state that an NS kernel can put them in, and vectors that
// lie on top of each other.
#include <array>
#include <cstring>

#include "device/images/memory_map.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

namespace cai::test {
namespace {

psa_status_t Echo(const psa_invec* in, std::size_t ins, psa_outvec* out,
                  std::size_t outs) {
  return psa_call(CAI_PSA_HANDLE(kSid), static_cast<std::int32_t>(Op::kEcho),
                  in, ins, out, outs);
}

psa_status_t EchoBetween(const void* from, void* to, std::size_t size) {
  const psa_invec in{from, size};
  psa_outvec out{to, size};
  return Echo(&in, 1, &out, 1);
}

bool EchoWorks() {
  std::uint32_t sent = 0x600DF00D, got = 0;
  return EchoBetween(&sent, &got, sizeof sent) == PSA_SUCCESS && got == sent;
}

// ---- Masks ------------------------------------------------------------------

// NS cannot hold the SPE's calls and faults back: its masks end at 0x80.
CAI_DEVICE_TEST(Caller, WithInterruptsMaskedIsServedAndStaysMasked) {
  std::uint32_t after = 0;
  __asm__ volatile("cpsid i" ::: "memory");
  bool served = EchoWorks();
  __asm__ volatile("mrs %0, primask\n cpsie i" : "=r"(after)::"memory");
  EXPECT(served && after == 1);

  __asm__ volatile("cpsid f" ::: "memory");
  served = EchoWorks();
  __asm__ volatile("mrs %0, faultmask\n cpsie f" : "=r"(after)::"memory");
  EXPECT(served && after == 1);

  __asm__ volatile("msr basepri, %0" ::"r"(0x20) : "memory");
  served = EchoWorks();
  __asm__ volatile("mrs %0, basepri\n msr basepri, %1"
                   : "=&r"(after)
                   : "r"(0)
                   : "memory");
  EXPECT(served && after == 0x20);
}

// ---- Without privilege ------------------------------------------------------

// What an NS kernel keeps from its threads by its own MPU.
alignas(32) std::array<std::byte, 32> kernels;

enum Rights : std::uint32_t { kKernelWrites = 0, kAllWrite = 1, kAllRead = 3 };

void SetRegion(std::uint32_t number, std::uintptr_t start, std::uintptr_t end,
               Rights rights) {
  // Safety: the MPU of NS.
  auto* const mpu = reinterpret_cast<volatile std::uint32_t*>(0xE000ED90);
  mpu[2] = number;
  mpu[3] = start | rights << 1;
  mpu[4] = ((end - 1) & ~31u) | 1;
}

void EnableMpu(bool on) {
  // Safety: the MPU of NS; its default map stays the kernel's.
  auto* const mpu = reinterpret_cast<volatile std::uint32_t*>(0xE000ED90);
  mpu[12] = 0xFF;  // MAIR0: normal memory
  mpu[1] = on ? 5 : 0;
  __asm__ volatile("dsb\n isb" ::: "memory");
}

void ProtectKernel() {
  using memory::kNonsecureCodeNs, memory::kNonsecureDataNs;
  const auto own = reinterpret_cast<std::uintptr_t>(kernels.data());
  SetRegion(0, kNonsecureCodeNs.base, kNonsecureCodeNs.end(), kAllRead);
  SetRegion(1, kNonsecureDataNs.base, own, kAllWrite);
  SetRegion(2, own, own + sizeof kernels, kKernelWrites);
  SetRegion(3, own + sizeof kernels, kNonsecureDataNs.end(), kAllWrite);
  EnableMpu(true);
}

void DropPrivilege() {
  __asm__ volatile("msr control, %0\n isb" ::"r"(1) : "memory");
}
void RegainPrivilege() { __asm__ volatile("svc #0" ::: "memory"); }

struct Answers {
  psa_status_t in, out, in_array, out_array, straddling, own;
};

Answers AskForKernels() {
  std::array<std::byte, 32> own{};
  Answers answers{};
  answers.in = EchoBetween(kernels.data(), own.data(), 8);
  answers.out = EchoBetween(own.data(), kernels.data(), 8);
  // Safety: addresses that the SPM must look at the rights of; as vectors they
  // are of no bytes.
  auto* const in_array = reinterpret_cast<const psa_invec*>(kernels.data());
  auto* const out_array = reinterpret_cast<psa_outvec*>(kernels.data());
  answers.in_array = Echo(in_array, 1, nullptr, 0);
  answers.out_array = Echo(nullptr, 0, out_array, 1);
  const auto start = reinterpret_cast<std::uintptr_t>(kernels.data());
  auto* const straddling = reinterpret_cast<const void*>(start - 4);
  answers.straddling = EchoBetween(straddling, own.data(), 8);
  answers.own = EchoBetween(own.data(), own.data() + 16, 8);
  return answers;
}

CAI_DEVICE_TEST(Caller, WithoutPrivilegeLendsItsOwnMemoryAlone) {
  kernels.fill(std::byte{0});  // as vectors: of no bytes at all
  ProtectKernel();
  DropPrivilege();
  const Answers thread = AskForKernels();
  RegainPrivilege();
  const Answers kernel = AskForKernels();
  EnableMpu(false);
  for (const psa_status_t refused : {thread.in, thread.out, thread.in_array,
                                     thread.out_array, thread.straddling})
    EXPECT(refused == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(thread.own == PSA_SUCCESS);
  for (const psa_status_t granted :
       {kernel.in, kernel.out, kernel.in_array, kernel.out_array, kernel.own})
    EXPECT(granted == PSA_SUCCESS);
}

// ---- Vectors on top of each other -------------------------------------------

CAI_DEVICE_TEST(Vectors, InputAndOutputInOnePlace) {
  std::array<std::uint8_t, 24> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT(EchoBetween(bytes.data(), bytes.data(), 16) == PSA_SUCCESS);
  EXPECT(bytes[0] == 0 && bytes[15] == 15);
  // Shifted: the input was taken before any output was written.
  EXPECT(EchoBetween(bytes.data(), bytes.data() + 4, 16) == PSA_SUCCESS);
  EXPECT(bytes[3] == 3 && bytes[4] == 0 && bytes[19] == 15);
}

CAI_DEVICE_TEST(Vectors, TwoOutputsInOnePlace) {
  std::uint32_t first = 1, second = 2, got = 0;
  const psa_invec in[] = {{&first, 4}, {&second, 4}};
  psa_outvec out[] = {{&got, 4}, {&got, 4}};
  EXPECT(Echo(in, 2, out, 2) == PSA_SUCCESS);
  EXPECT(got == second && out[0].len == 4 && out[1].len == 4);
}

// The output lies over the arrays of vectors: what was fetched counts.
CAI_DEVICE_TEST(Vectors, OutputOverTheVectorsThemselves) {
  std::array<std::uint32_t, 2> sent = {memory::kSpmRam.base, 4096};
  psa_outvec out{nullptr, sizeof sent};
  out.base = &out;
  const psa_invec in{sent.data(), sizeof sent};
  EXPECT(Echo(&in, 1, &out, 1) == PSA_SUCCESS);
  // Safety: compared as a number.
  EXPECT(reinterpret_cast<std::uintptr_t>(out.base) == sent[0]);
  EXPECT(out.len == sizeof sent);  // written last

  psa_invec over{sent.data(), sizeof sent};
  psa_outvec to{&over, sizeof over};
  EXPECT(Echo(&over, 1, &to, 1) == PSA_SUCCESS);
  EXPECT(over.len == sent[1]);
  EXPECT(EchoWorks());
}

CAI_DEVICE_TEST(Vectors, NullWithALengthIsRefusedAndWithoutIsNone) {
  std::uint32_t word = 0;
  EXPECT(EchoBetween(nullptr, &word, 4) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(EchoBetween(&word, nullptr, 4) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(EchoBetween(nullptr, nullptr, 0) == PSA_SUCCESS);
  EXPECT(Echo(nullptr, 1, nullptr, 0) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(Echo(nullptr, 0, nullptr, 1) == PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(Echo(nullptr, 0, nullptr, 0) == PSA_SUCCESS);
}

}  // namespace
}  // namespace cai::test
