// The partition over a simulated bus: requests in, bytes out.
#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>

#include "device/partitions/sensor/api.h"
#include "device/partitions/sensor/clock.h"
#include "device/partitions/sensor/sensors.h"
#include "device/partitions/sensor/sim_bus.h"
#include "device/partitions/testing/fake_spm.h"

extern "C" psa_status_t cai_sensor_Serve(cai::spm::Message* message);

namespace cai::sensor {
namespace {

void Set(sim::Device& device, std::uint8_t at,
         std::initializer_list<int> bytes) {
  for (const int b : bytes) device.registers[at++] = std::byte(b);
}

template <typename T>
psa_status_t Ask(spm::SensorOp op, T& value) {
  fake_spm::Request request{.sid = spm::Sid::kSensor,
                            .client = 5,
                            .op = static_cast<std::int32_t>(op)};
  request.Out(sizeof(T));
  const psa_status_t status = request.Send(cai_sensor_Serve);
  if (status == PSA_SUCCESS) {
    EXPECT_EQ(request.outputs[0].size(), sizeof(T));
    std::memcpy(&value, request.outputs[0].data(), sizeof(T));
  }
  return status;
}

class SensorServer : public ::testing::Test {
 protected:
  void SetUp() override {
    sim::Reset();
    // A failed read forgets the set-up of an earlier test.
    SensorSample sample;
    Ask(spm::SensorOp::kRead, sample);
  }
  sim::Device& AttachTmp105(int high, int low) {
    sim::Device& device = sim::Attach(kTmp105);
    device.width = 2;
    Set(device, 0, {high, low});
    return device;
  }
  sim::Device& AttachMagnetometer() {
    sim::Device& device = sim::Attach(kMagnetometer);
    // x 1100, z 245, y -550.
    Set(device, 3, {0x04, 0x4c, 0x00, 0xf5, 0xfd, 0xda});
    return device;
  }
};

TEST_F(SensorServer, Read_GivesTemperatureAndField) {
  AttachTmp105(0x17, 0x80);
  AttachMagnetometer();
  SensorSample sample;
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(sample.present, kHasTemperature | kHasMagnetic);
  EXPECT_EQ(sample.temperature_milli_c, 23500);
  EXPECT_EQ(sample.magnetic_nt[0], 100000);
  EXPECT_EQ(sample.magnetic_nt[1], -50000);
  EXPECT_EQ(sample.magnetic_nt[2], 25000);
}

TEST_F(SensorServer, Read_SetsUpTheDevices) {
  const sim::Device& tmp105 = AttachTmp105(0, 0);
  const sim::Device& magnetometer = AttachMagnetometer();
  SensorSample sample;
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(tmp105.registers[2], std::byte{0x60});
  EXPECT_EQ(magnetometer.registers[0], std::byte{0x90});
  EXPECT_EQ(magnetometer.registers[1], std::byte{0x20});
}

TEST_F(SensorServer, Read_TakesNegativeTemperatures) {
  sim::Device& device = AttachTmp105(0xf5, 0x80);
  SensorSample sample;
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(sample.temperature_milli_c, -10500);
  Set(device, 0, {0x48, 0x90});  // 72.5625
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(sample.temperature_milli_c, 72562);
}

TEST_F(SensorServer, Read_LeavesOutWhatIsMissing) {
  AttachMagnetometer();
  SensorSample sample;
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(sample.present, kHasMagnetic);
  EXPECT_EQ(sample.temperature_milli_c, 0);
}

TEST_F(SensorServer, Read_FailsWithoutAnySensor) {
  SensorSample sample;
  EXPECT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_ERROR_DOES_NOT_EXIST);
}

TEST_F(SensorServer, Read_FailsOnAStuckBus) {
  AttachTmp105(0x17, 0x80);
  sim::HoldData(100000);
  SensorSample sample;
  EXPECT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_ERROR_HARDWARE_FAILURE);
}

TEST_F(SensorServer, Read_RefusesAnOverflownField) {
  Set(AttachMagnetometer(), 3, {0xf0, 0x00});
  SensorSample sample;
  EXPECT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_ERROR_DATA_CORRUPT);
}

TEST_F(SensorServer, Read_SetsUpAgainWhenTheDeviceCameBack) {
  sim::Device& device = AttachTmp105(0x17, 0x80);
  SensorSample sample;
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  device.present = false;
  EXPECT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_ERROR_DOES_NOT_EXIST);
  device.present = true;
  device.registers[2] = std::byte{0};  // it was reset
  ASSERT_EQ(Ask(spm::SensorOp::kRead, sample), PSA_SUCCESS);
  EXPECT_EQ(device.registers[2], std::byte{0x60});
}

TEST_F(SensorServer, Read_RefusesAnOutputTooSmall) {
  AttachTmp105(0x17, 0x80);
  for (std::size_t size = 0; size < sizeof(SensorSample); ++size) {
    fake_spm::Request request{.sid = spm::Sid::kSensor, .op = 0};
    request.Out(size);
    EXPECT_EQ(request.Send(cai_sensor_Serve), PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(request.outputs[0].empty());
  }
}

TEST_F(SensorServer, Serve_RefusesUnknownOperationsAndOtherVectors) {
  AttachTmp105(0x17, 0x80);
  std::uint32_t value;
  EXPECT_EQ(Ask(static_cast<spm::SensorOp>(3), value), PSA_ERROR_NOT_SUPPORTED);
  fake_spm::Request request{.sid = spm::Sid::kSensor, .op = 0};
  EXPECT_EQ(request.Send(cai_sensor_Serve), PSA_ERROR_NOT_SUPPORTED);
}

TEST_F(SensorServer, Time_IsTheClocks) {
  sim::Device& clock = sim::Attach(kDs1338);
  Set(clock, 0, {0x33, 0x13, 0x05, 0x02, 0x23, 0x11, 0x26});
  std::uint64_t seconds = 0;
  ASSERT_EQ(Ask(spm::SensorOp::kTime, seconds), PSA_SUCCESS);
  EXPECT_EQ(seconds, 1795410813u);  // date -u -d '2026-11-23 05:13:33' +%s
  Set(clock, 0, {0x59, 0x59, 0x23, 0x04, 0x29, 0x02, 0x28});
  ASSERT_EQ(Ask(spm::SensorOp::kTime, seconds), PSA_SUCCESS);
  EXPECT_EQ(seconds, 1835481599u);  // 2028-02-29 23:59:59
}

TEST_F(SensorServer, Time_RefusesWhatIsNoTime) {
  std::uint64_t seconds = 0;
  EXPECT_EQ(Ask(spm::SensorOp::kTime, seconds), PSA_ERROR_DOES_NOT_EXIST);
  sim::Device& clock = sim::Attach(kDs1338);
  const auto refused = [&](std::uint8_t at, int value) {
    Set(clock, 0, {0x33, 0x13, 0x05, 0x02, 0x23, 0x11, 0x26});
    Set(clock, at, {value});
    return Ask(spm::SensorOp::kTime, seconds) == PSA_ERROR_DATA_CORRUPT;
  };
  EXPECT_TRUE(refused(0, 0x80));  // halted
  EXPECT_TRUE(refused(0, 0x60));
  EXPECT_TRUE(refused(1, 0x5a));
  EXPECT_TRUE(refused(2, 0x45));  // twelve-hour mode
  EXPECT_TRUE(refused(2, 0x24));
  EXPECT_TRUE(refused(4, 0x00));
  EXPECT_TRUE(refused(4, 0x32));
  EXPECT_TRUE(refused(5, 0x13));
  EXPECT_TRUE(refused(6, 0xff));
}

TEST_F(SensorServer, Present_IsAMask) {
  std::uint32_t mask = 0xff;
  ASSERT_EQ(Ask(spm::SensorOp::kPresent, mask), PSA_SUCCESS);
  EXPECT_EQ(mask, 0u);
  AttachMagnetometer();
  sim::Attach(kDs1338).registers[4] = std::byte{1};
  sim::Attach(kDs1338).registers[5] = std::byte{1};
  ASSERT_EQ(Ask(spm::SensorOp::kPresent, mask), PSA_SUCCESS);
  EXPECT_EQ(mask, kHasMagnetic | kHasClock);
}

}  // namespace
}  // namespace cai::sensor
