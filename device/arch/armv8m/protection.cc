#include "device/arch/armv8m/protection.h"

#include <array>

#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"

extern "C" {
extern std::byte cai_link_shared_start[], cai_link_shared_end[];
extern std::byte cai_link_nsc_start[], cai_link_nsc_end[];
extern std::byte cai_link_spm_code_start[], cai_link_spm_code_end[];
}

namespace cai::armv8m {
namespace {

constexpr std::uintptr_t kSecurityControl = 0x50080000;  // the SSE's block
constexpr std::uint32_t kNscConfiguration = 0x14;
constexpr std::uint32_t kSauRegionCount = 8;

// Attribute indices of MAIR0.
constexpr std::uint32_t kNormal = 0;
constexpr std::uint32_t kDevice = 1;

// RBAR's low bits: SH 0, AP, XN.
constexpr std::uint32_t kExecuteNever = 1;
constexpr std::uint32_t kPrivilegedReadWrite = 0u << 1;
constexpr std::uint32_t kAnyReadWrite = 1u << 1;
constexpr std::uint32_t kPrivilegedReadOnly = 2u << 1;
constexpr std::uint32_t kAnyReadOnly = 3u << 1;
// RLAR. Without effect on v8.0-M, where privileged code may execute a
// partition's; the SPM never branches there.
constexpr std::uint32_t kPrivilegedExecuteNever = 1u << 4;

std::uintptr_t Address(const std::byte* symbol) {
  // Safety: the linker script defines it as an address.
  return reinterpret_cast<std::uintptr_t>(symbol);
}

std::uint32_t Limit(std::uintptr_t end, std::uint32_t kind) {
  return ((end - 1) & ~31u) | kind | 1;
}

void SetMpu(std::uint32_t number, std::uintptr_t start, std::uintptr_t end,
            std::uint32_t rights, std::uint32_t kind) {
  Register(kMpuNumber) = number;
  Register(kMpuBase) = start | rights;
  Register(kMpuLimit) = Limit(end, kind);
}

void ClearMpu(std::uint32_t number) {
  Register(kMpuNumber) = number;
  Register(kMpuLimit) = 0;
}

void SetSau(std::uint32_t number, std::uintptr_t start, std::uintptr_t end,
            bool callable) {
  Register(kSauNumber) = number;
  Register(kSauBase) = start;
  Register(kSauLimit) = ((end - 1) & ~31u) | (callable ? 2 : 0) | 1;
}

// One bit a block of 1 KiB: 1 is NS.
void OpenMpcWords(const spm::MpcWords& words) {
  constexpr std::uint32_t kAutoIncrement = 0x100;
  volatile std::uint32_t& control = Register(words.controller);
  control = control & ~kAutoIncrement;
  for (std::uint32_t i = words.first; i < words.end; ++i) {
    Register(words.controller + 0x18) = i;
    Register(words.controller + 0x1C) = 0xFFFFFFFF;
  }
}

void ConfigureSau() {
  std::uint32_t number = 0;
  for (const spm::SauRegion& region : spm::kSauRegions)
    SetSau(number++, region.start, region.end, false);
  SetSau(number++, Address(cai_link_nsc_start), Address(cai_link_nsc_end),
         true);
  // Whatever else was set before opens nothing.
  for (; number < kSauRegionCount; ++number) {
    Register(kSauNumber) = number;
    Register(kSauLimit) = 0;
  }
  Register(kSauControl) = 1;
}

// RBAR and RLAR of MPU regions 0..7 as they are while a partition runs: 0 is
// the shared code's, 1..7 its own. Made once; a switch only stores them.
struct MpuImage {
  std::uint32_t words[16];
};
std::array<MpuImage, spm::kMaxPartitions> images;

struct Rights {
  std::uint32_t base, limit;
};

Rights RightsOf(spm::Access access) {
  switch (access) {
    case spm::Access::kExecute:
      return {kAnyReadOnly, kNormal << 1 | kPrivilegedExecuteNever};
    case spm::Access::kReadOnly:
      return {kAnyReadOnly | kExecuteNever, kNormal << 1};
    case spm::Access::kReadWrite:
      return {kAnyReadWrite | kExecuteNever, kNormal << 1};
    case spm::Access::kDevice:
      return {kAnyReadWrite | kExecuteNever, kDevice << 1};
  }
  __builtin_trap();
}

// RBAR, RLAR, RBAR_A1 to RLAR_A3: regions MPU_RNR to MPU_RNR + 3.
void StoreFourRegions(const std::uint32_t* words) {
  std::uintptr_t mpu = kMpuBase;
  // Safety: the MPU's eight registers from RBAR on, as words.
  __asm__ volatile(
      "ldmia %0!, {r4-r7}\n"
      "stmia %1!, {r4-r7}\n"
      "ldmia %0!, {r4-r7}\n"
      "stmia %1!, {r4-r7}"
      : "+l"(words), "+l"(mpu)::"r4", "r5", "r6", "r7", "memory");
}

void MakeImage(const spm::Partition& partition, MpuImage& image) {
  image.words[0] = Address(cai_link_shared_start) | kAnyReadOnly;
  image.words[1] = Limit(Address(cai_link_shared_end), kNormal << 1);
  for (std::uint32_t i = 0; i < partition.region_count; ++i) {
    const spm::Region& region = partition.regions[i];
    const Rights rights = RightsOf(region.access);
    image.words[2 * i + 2] = region.start() | rights.base;
    image.words[2 * i + 3] = Limit(region.end(), rights.limit);
  }
}

}  // namespace

void ConfigureNonSecureWorld() {
  ConfigureSau();
  // Veneers lie where the code alias of the IDAU is (0x1...).
  Register(kSecurityControl + kNscConfiguration) = 1;
  for (const spm::MpcWords& words : spm::kMpcWords) OpenMpcWords(words);
  for (const spm::PpcBit& bit : spm::kPpcBits) {
    volatile std::uint32_t& word = Register(kSecurityControl + bit.offset);
    word = word | 1u << bit.bit;
  }
  for (const std::uint8_t irq : spm::kNonSecureIrqs) {
    volatile std::uint32_t& word = Register(kNvicNonSecure + 4 * (irq / 32));
    word = word | 1u << (irq % 32);
  }
  Register(kNsacr) = 0;
  Barrier();
}

void ConfigureMpu() {
  using memory::kBootCode, memory::kNonsecureCodeNs, memory::kNonsecureDataNs,
      memory::kSpmRam;
  // MAIR: 0 normal, write-back; 1 device nGnRE.
  Register(kMpuAttributes) = 0x000004FF;
  for (std::size_t i = 0; i < spm::kPartitions.size(); ++i)
    MakeImage(spm::kPartitions[i], images[i]);
  for (std::uint32_t i = 0; i <= spm::kSwitchedRegions; ++i) ClearMpu(i);
  SetMpu(8, Address(cai_link_spm_code_start), Address(cai_link_spm_code_end),
         kPrivilegedReadOnly, kNormal << 1);
  SetMpu(9, kSpmRam.base, kSpmRam.end(), kPrivilegedReadWrite | kExecuteNever,
         kNormal << 1);
  SetMpu(10, kNonsecureCodeNs.base, kNonsecureCodeNs.end(),
         kPrivilegedReadWrite | kExecuteNever, kNormal << 1);
  SetMpu(11, kNonsecureDataNs.base, kNonsecureDataNs.end(),
         kPrivilegedReadWrite | kExecuteNever, kNormal << 1);
  SetMpu(12, kBootCode.base, kBootCode.end(),
         kPrivilegedReadOnly | kExecuteNever, kNormal << 1);
  for (std::uint32_t i = 13; i < 16; ++i) ClearMpu(i);
  constexpr std::uint32_t kEnable = 1, kPrivilegedDefaultMap = 4;
  Register(kMpuControl) = kEnable | kPrivilegedDefaultMap;
  Barrier();
}

void SwitchTo(const spm::Partition& partition) {
  const MpuImage& image =
      images[static_cast<std::size_t>(&partition - spm::kPartitions.data())];
  // RBAR_A1 to RLAR_A3 lie behind RBAR and RLAR: four regions by one number.
  Register(kMpuNumber) = 0;
  StoreFourRegions(image.words);
  Register(kMpuNumber) = 4;
  StoreFourRegions(image.words + 8);
  Barrier();
}

}  // namespace cai::armv8m
