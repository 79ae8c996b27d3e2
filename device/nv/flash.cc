#include "device/nv/flash.h"

#include "device/platform/nv_memory.h"

namespace cai::nv {
namespace {

constexpr std::byte kErased{0xFF};

constexpr bool InRange(std::uint32_t offset, std::size_t size) {
  return offset <= kSize && size <= kSize - offset;
}

constexpr bool IsOneWay(std::uint32_t offset) {
  return offset - kOtpState.offset < kOtpState.size;
}

}  // namespace

Result<Bytes> View(std::uint32_t offset, std::size_t size) {
  if (!InRange(offset, size)) return Error::kFlashRange;
  return platform::NvMemory().subspan(offset, size);
}

Status Read(std::uint32_t offset, MutableBytes out) {
  CAI_TRY_ASSIGN(const Bytes from, View(offset, out.size()));
  CopyInto(out, from);
  return kDone;
}

Status Program(std::uint32_t offset, Bytes data) {
  CAI_TRY_ASSIGN(const Bytes now, View(offset, data.size()));
  if (offset % kProgramUnit != 0 || data.size() % kProgramUnit != 0)
    return Error::kFlashAlignment;
  if (data.empty() || data.size() > kProgramMax) return Error::kFlashAlignment;
  if (!std::ranges::all_of(now, [](std::byte b) { return b == kErased; }))
    return Error::kFlashNotErased;
  return platform::StoreNv(offset, data);
}

Status Blow(std::uint32_t offset, unsigned bit) {
  if (!IsOneWay(offset) || bit > 7) return Error::kFlashRange;
  CAI_TRY_ASSIGN(const Bytes now, View(offset, 1));
  const std::byte blown = now[0] & ~(std::byte{1} << bit);
  return platform::StoreNv(offset, Bytes(&blown, 1));
}

Status Erase(std::uint32_t offset) {
  if (offset % kSectorSize != 0) return Error::kFlashAlignment;
  if (!InRange(offset, kSectorSize) || IsOneWay(offset))
    return Error::kFlashRange;
  return platform::EraseNv(offset, kSectorSize);
}

Status Replace(const Region& region, Bytes data) {
  if (data.size() > region.size) return Error::kFlashRange;
  for (std::uint32_t at = 0; at < data.size(); at += kSectorSize)
    CAI_TRY(Erase(region.offset + at));
  for (std::uint32_t at = 0; at < data.size(); at += kProgramMax) {
    ByteArray<kProgramMax> unit;
    unit.fill(kErased);
    const std::size_t size =
        std::min<std::size_t>(kProgramMax, data.size() - at);
    CopyInto(unit, data.subspan(at, size));
    const std::size_t whole =
        (size + kProgramUnit - 1) / kProgramUnit * kProgramUnit;
    CAI_TRY(Program(region.offset + at, Bytes(unit).first(whole)));
  }
  return kDone;
}

}  // namespace cai::nv
