#include "device/nv/flash.h"

#include <gtest/gtest.h>

#include <vector>

#include "device/platform/sim/sim.h"

namespace cai::nv {
namespace {

class Flash : public testing::Test {
 protected:
  void SetUp() override { sim::Manufacture(); }
};

std::vector<std::byte> Pattern(std::size_t size) {
  std::vector<std::byte> data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = std::byte(i * 7 + 1);
  return data;
}

Error ErrorOf(const Status& status) {
  return status.ok() ? Error{} : status.error();
}

TEST_F(Flash, Program_IsReadBack) {
  const auto data = Pattern(256);

  ASSERT_TRUE(Program(kIts.offset + 8, data).ok());

  ByteArray<256> out;
  ASSERT_TRUE(Read(kIts.offset + 8, out).ok());
  EXPECT_TRUE(Equal(out, data));
}

TEST_F(Flash, Program_RefusesAUnitTwiceUntilItsSectorIsErased) {
  const auto data = Pattern(8);
  ASSERT_TRUE(Program(kIts.offset, data).ok());

  EXPECT_EQ(ErrorOf(Program(kIts.offset, data)), Error::kFlashNotErased);
  EXPECT_TRUE(Program(kIts.offset + 8, data).ok());

  ASSERT_TRUE(Erase(kIts.offset).ok());
  EXPECT_TRUE(Program(kIts.offset, data).ok());
}

TEST_F(Flash, Program_RefusesWhatIsMisalignedOrTooLong) {
  const auto data = Pattern(264);
  const auto first = [&](std::size_t n) { return Bytes(data).first(n); };

  EXPECT_EQ(ErrorOf(Program(kIts.offset + 4, first(8))),
            Error::kFlashAlignment);
  EXPECT_EQ(ErrorOf(Program(kIts.offset, first(7))), Error::kFlashAlignment);
  EXPECT_EQ(ErrorOf(Program(kIts.offset, first(0))), Error::kFlashAlignment);
  EXPECT_EQ(ErrorOf(Program(kIts.offset, first(264))), Error::kFlashAlignment);
}

TEST_F(Flash, EveryOperation_RefusesWhatLiesOutside) {
  const auto data = Pattern(16);
  ByteArray<16> out;

  EXPECT_EQ(ErrorOf(Program(kSize - 8, data)), Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Program(0xfffffff8u, data)), Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Read(kSize - 15, out)), Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Erase(kSize)), Error::kFlashRange);
  EXPECT_TRUE(Read(kSize - 16, out).ok());
}

TEST_F(Flash, Erase_RefusesOneWayStateAndHalfSectors) {
  EXPECT_EQ(ErrorOf(Erase(kOtpState.offset)), Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Erase(kOtpState.offset + kOtpState.size - kSectorSize)),
            Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Erase(kIts.offset + 8)), Error::kFlashAlignment);
  EXPECT_TRUE(Erase(kOtpState.offset + kOtpState.size).ok());
}

TEST_F(Flash, Blow_ClearsOneBitOfOneWayStateAndNoOther) {
  const std::uint32_t at = kOtpState.offset + 8;
  ASSERT_TRUE(Blow(at, 3).ok());
  EXPECT_EQ((*View(at, 1))[0], std::byte{0xF7});
  ASSERT_TRUE(Blow(at, 0).ok());
  ASSERT_TRUE(Blow(at, 3).ok());  // blown already
  EXPECT_EQ((*View(at, 1))[0], std::byte{0xF6});
  EXPECT_EQ(ErrorOf(Blow(at, 8)), Error::kFlashRange);
  EXPECT_EQ(ErrorOf(Blow(kIts.offset, 0)), Error::kFlashRange);
}

TEST_F(Flash, Erase_LeavesTheNeighboursAlone) {
  const auto data = Pattern(8);
  ASSERT_TRUE(Program(kIts.offset + kSectorSize - 8, data).ok());
  ASSERT_TRUE(Program(kIts.offset + 2 * kSectorSize, data).ok());

  ASSERT_TRUE(Erase(kIts.offset + kSectorSize).ok());

  EXPECT_TRUE(Equal(*View(kIts.offset + kSectorSize - 8, 8), data));
  EXPECT_TRUE(Equal(*View(kIts.offset + 2 * kSectorSize, 8), data));
}

TEST_F(Flash, Replace_PutsAnyLengthOverOldContent) {
  const auto old = Pattern(2 * kSectorSize);
  ASSERT_TRUE(Replace(kConfig, old).ok());
  for (const std::size_t size : {1u, 7u, 8u, 255u, 257u, 4096u, 5000u}) {
    const auto data = Pattern(size);
    ASSERT_TRUE(Replace(kConfig, data).ok());
    EXPECT_TRUE(Equal(*View(kConfig.offset, size), data)) << size;
  }
  EXPECT_EQ(ErrorOf(Replace(kConfig, Pattern(kConfig.size + 1))),
            Error::kFlashRange);
}

TEST_F(Flash, ACut_LeavesALeadingPartAndNothingWorksAfter) {
  const auto data = Pattern(16);
  for (std::size_t torn = 0; torn <= 16; ++torn) {
    sim::Manufacture();
    sim::CutPowerAt(0, torn);

    EXPECT_EQ(ErrorOf(Program(kIts.offset, data)), Error::kFlashPowerLost);
    EXPECT_EQ(ErrorOf(Erase(kPs.offset)), Error::kFlashPowerLost);

    const Bytes now = *View(kIts.offset, 16);
    EXPECT_TRUE(Equal(now.first(torn), Bytes(data).first(torn)));
    for (const std::byte b : now.subspan(torn)) EXPECT_EQ(b, std::byte{0xFF});
  }
}

}  // namespace
}  // namespace cai::nv
