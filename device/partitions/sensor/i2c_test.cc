#include "device/partitions/sensor/i2c.h"

#include <gtest/gtest.h>

#include "device/partitions/sensor/sim_bus.h"

namespace cai::sensor {
namespace {

class I2c : public ::testing::Test {
 protected:
  void SetUp() override { sim::Reset(); }
};

TEST_F(I2c, ReadRegister_GivesTheDevicesBytes) {
  sim::Device& device = sim::Attach(0x48);
  for (int i = 0; i < 256; ++i) device.registers[i] = std::byte(i ^ 0xa5);
  ByteArray<6> value;
  ASSERT_TRUE(ReadRegister(0x48, 0x03, value).ok());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(value[i], std::byte((i + 3) ^ 0xa5));
}

TEST_F(I2c, WriteRegister_ReachesItsDeviceAlone) {
  sim::Device& device = sim::Attach(0x48);
  sim::Device& other = sim::Attach(0x49);
  const ByteArray<2> value{std::byte{0x60}, std::byte{0x81}};
  ASSERT_TRUE(WriteRegister(0x48, 0x10, value).ok());
  EXPECT_EQ(device.registers[0x10], std::byte{0x60});
  EXPECT_EQ(device.registers[0x11], std::byte{0x81});
  EXPECT_EQ(other.registers[0x10], std::byte{0});
}

TEST_F(I2c, ReadRegister_SaysWhenNobodyAnswers_AfterABoundedNumberOfTries) {
  ByteArray<2> value;
  const Status status = ReadRegister(0x48, 0, value);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error(), Error::kSensorAbsent);
  EXPECT_EQ(sim::starts(), kTries);
}

TEST_F(I2c, ReadRegister_TriesAgain) {
  sim::Device& device = sim::Attach(0x48);
  device.registers[0] = std::byte{0x17};
  ByteArray<1> value;
  device.fail_addresses = kTries - 1;
  EXPECT_TRUE(ReadRegister(0x48, 0, value).ok());
  EXPECT_EQ(value[0], std::byte{0x17});
  device.fail_addresses = kTries;
  EXPECT_FALSE(ReadRegister(0x48, 0, value).ok());
}

TEST_F(I2c, WriteRegister_ResendsAfterABreak) {
  sim::Device& device = sim::Attach(0x48);
  device.break_after_bytes = 1;
  const ByteArray<1> value{std::byte{0x42}};
  EXPECT_TRUE(WriteRegister(0x48, 7, value).ok());
  EXPECT_EQ(device.registers[7], std::byte{0x42});
}

TEST_F(I2c, ReadRegister_FreesAHeldBus_ButNotAStuckOne) {
  sim::Attach(0x48).registers[0] = std::byte{0x17};
  ByteArray<1> value;
  sim::HoldData(5);
  EXPECT_TRUE(ReadRegister(0x48, 0, value).ok());
  EXPECT_EQ(value[0], std::byte{0x17});
  sim::HoldData(1000);
  EXPECT_EQ(ReadRegister(0x48, 0, value).error(), Error::kSensorBusStuck);
}

TEST_F(I2c, Answers_TellsPresence) {
  sim::Attach(0x1e);
  EXPECT_TRUE(Answers(0x1e));
  EXPECT_FALSE(Answers(0x1f));
}

}  // namespace
}  // namespace cai::sensor
