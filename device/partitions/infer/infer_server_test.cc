// The partition with a sensor that the test sets: requests in, results out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "device/partitions/infer/api.h"
#include "device/partitions/infer/catalogue.h"
#include "device/partitions/sensor/api.h"
#include "device/partitions/testing/fake_spm.h"
#include "lib/cbor/reader.h"
#include "lib/crypto/hash.h"

extern "C" psa_status_t cai_infer_Start();
extern "C" psa_status_t cai_infer_Serve(cai::spm::Message* message);

namespace cai::infer {

// Stands for the linker's range.
Bytes EngineCode() { return AsBytes("this is the engine"); }

namespace {

sensor::SensorSample now{};
psa_status_t sensor_status = PSA_SUCCESS;
int sensor_calls = 0;

psa_status_t ServeSensor(spm::Message* message) {
  ++sensor_calls;
  EXPECT_EQ(message->op, 0);
  EXPECT_EQ(message->client, static_cast<int>(spm::PartitionId::kInfer));
  if (sensor_status != PSA_SUCCESS) return sensor_status;
  return message->WriteValue(0, now).ok() ? PSA_SUCCESS
                                          : PSA_ERROR_BUFFER_TOO_SMALL;
}

fake_spm::Request Ask(spm::InferOp op, std::size_t room) {
  fake_spm::Request request{.sid = spm::Sid::kInfer,
                            .client = 4,
                            .op = static_cast<std::int32_t>(op)};
  request.Out(room);
  return request;
}

psa_status_t RunOnce(InferenceResult& result) {
  auto request = Ask(spm::InferOp::kRun, sizeof(result));
  const psa_status_t status = request.Send(cai_infer_Serve);
  EXPECT_EQ(request.outputs[0].size(),
            status == PSA_SUCCESS ? sizeof(result) : 0u);
  if (status == PSA_SUCCESS)
    std::memcpy(&result, request.outputs[0].data(), sizeof(result));
  return status;
}

// The next result of the classifier.
InferenceResult RunMachine() {
  InferenceResult result{};
  do {
    EXPECT_EQ(RunOnce(result), PSA_SUCCESS);
  } while (result.model_index != kMachine);
  return result;
}

int Class(const InferenceResult& result) {
  EXPECT_EQ(result.output_size, 3);
  return static_cast<int>(std::max_element(result.output, result.output + 3) -
                          result.output);
}
enum { kNormal, kOverload, kFault };

void Sense(std::int32_t milli_c, std::int32_t field_nt) {
  now = {milli_c,
         {field_nt, 0, 0},
         sensor::kHasTemperature | sensor::kHasMagnetic};
  sensor_status = PSA_SUCCESS;
}

class InferServer : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_spm::Reset();
    fake_spm::RunAs(spm::PartitionId::kInfer);
    fake_spm::Provide(spm::Sid::kSensor, ServeSensor);
    ASSERT_EQ(cai_infer_Start(), PSA_SUCCESS);
    // A failed reading empties the window of earlier tests.
    sensor_status = PSA_ERROR_DOES_NOT_EXIST;
    InferenceResult ignored;
    RunOnce(ignored);
    Sense(22000, 45000);
    sensor_calls = 0;
  }
};

TEST_F(InferServer, Run_ClassifiesTheMachine) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Class(RunMachine()), kNormal);
  Sense(72500, 45000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Class(RunMachine()), kOverload) << i;
  Sense(110000, 45000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Class(RunMachine()), kFault) << i;
  Sense(22000, 45000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Class(RunMachine()), kNormal) << i;
  Sense(22000, 150000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Class(RunMachine()), kFault) << i;
}

TEST_F(InferServer, Run_ClassifiesFromTheFirstSample) {
  for (const auto& [milli_c, field_nt, expected] :
       {std::tuple{22000, 0, kNormal},
        {-10000, 50000, kNormal},
        {72500, 0, kOverload},
        {110000, 0, kFault},
        {22000, 180000, kFault}}) {
    sensor_status = PSA_ERROR_DOES_NOT_EXIST;
    InferenceResult result;
    RunOnce(result);
    Sense(milli_c, field_nt);
    EXPECT_EQ(Class(RunMachine()), expected) << milli_c << ' ' << field_nt;
  }
}

TEST_F(InferServer, Run_SaysWhatItRanOnAndWhen) {
  fake_spm::SetUptime(123456789012);
  Sense(22500, 45000);
  RunMachine();
  Sense(23500, 47000);
  const InferenceResult result = RunMachine();
  EXPECT_EQ(result.t_ms, 123456789012u);
  EXPECT_EQ(result.measure_gen, 1u);
  EXPECT_EQ(result.input_count, 4);
  EXPECT_EQ(result.inputs[0], 23500);
  EXPECT_GT(result.inputs[1], 0);
  EXPECT_EQ(result.inputs[2], 47000);
  EXPECT_GT(result.inputs[3], 0);
  for (std::size_t i = 4; i < kMaxInputs; ++i) EXPECT_EQ(result.inputs[i], 0);
  for (std::size_t i = 3; i < kMaxOutput; ++i) EXPECT_EQ(result.output[i], 0);
  // A softmax's probabilities are quanta of 1/256 and sum to about one.
  int sum = 0;
  for (int i = 0; i < 3; ++i) sum += result.output[i] + 128;
  EXPECT_NEAR(sum, 256, 3);
}

TEST_F(InferServer, Run_IsTheSinesEveryFourthTime) {
  int sines = 0, since = 0;
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t t = 1000u * 60 * 7 + 1500u * static_cast<unsigned>(i);
    fake_spm::SetUptime(t);
    InferenceResult result;
    ASSERT_EQ(RunOnce(result), PSA_SUCCESS);
    ++since;
    if (result.model_index != kSine) continue;
    if (sines++ > 0) {
      EXPECT_EQ(since, 4);
    }
    since = 0;
    ASSERT_EQ(result.input_count, 1);
    ASSERT_EQ(result.output_size, 1);
    const double phase = result.inputs[0] / 1000.0;
    EXPECT_NEAR(phase, (t % 60000) / 60000.0 * 6.283, 0.002);
    EXPECT_NEAR(result.output[0] / 120.0, std::sin(phase), 0.06) << phase;
  }
  EXPECT_EQ(sines, 10);
  EXPECT_EQ(sensor_calls, 40);
}

TEST_F(InferServer, Run_PassesASensorsFailureOn) {
  for (const psa_status_t failure :
       {PSA_ERROR_DOES_NOT_EXIST, PSA_ERROR_HARDWARE_FAILURE,
        PSA_ERROR_DATA_CORRUPT, PSA_ERROR_COMMUNICATION_FAILURE}) {
    sensor_status = failure;
    int failures = 0;
    for (int i = 0; i < 4; ++i) {
      InferenceResult result{};
      const psa_status_t status = RunOnce(result);
      // The sine needs no sensor.
      if (status == PSA_SUCCESS) {
        EXPECT_EQ(result.model_index, kSine);
        continue;
      }
      EXPECT_EQ(status, failure);
      ++failures;
    }
    EXPECT_EQ(failures, 3);
  }
}

TEST_F(InferServer, Run_NeedsBothReadings) {
  for (const std::uint32_t present :
       {0u, sensor::kHasTemperature, sensor::kHasMagnetic}) {
    Sense(22000, 45000);
    now.present = present;
    int failures = 0;
    for (int i = 0; i < 4; ++i) {
      InferenceResult result;
      if (RunOnce(result) == PSA_ERROR_DOES_NOT_EXIST) ++failures;
    }
    EXPECT_EQ(failures, 3) << present;
  }
}

TEST_F(InferServer, Run_RefusesAnOutputTooSmall) {
  for (std::size_t room = 0; room < sizeof(InferenceResult); ++room) {
    auto request = Ask(spm::InferOp::kRun, room);
    EXPECT_EQ(request.Send(cai_infer_Serve), PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(request.outputs[0].empty());
  }
}

void ExpectComponent(cbor::Reader& reader, std::string_view name,
                     std::string_view version, const crypto::Digest& digest) {
  ASSERT_TRUE(reader.ArrayOf(3).ok());
  EXPECT_EQ(*reader.Text(), name);
  EXPECT_EQ(*reader.Text(), version);
  EXPECT_TRUE(Equal(*reader.BstrOf<32>(), digest));
}

TEST_F(InferServer, Measurements_NameEngineAndModelsByTheirBytes) {
  auto request = Ask(spm::InferOp::kMeasurements, kMaxMeasurements);
  ASSERT_EQ(request.Send(cai_infer_Serve), PSA_SUCCESS);
  cbor::Reader reader(request.outputs[0]);
  ASSERT_TRUE(reader.ArrayOf(2).ok());
  EXPECT_EQ(*reader.Uint(), 1u);
  ASSERT_TRUE(reader.ArrayOf(1 + kModelCount).ok());
  ExpectComponent(reader, "cai-nn-reference", "1.0.0",
                  crypto::Sha256::Of(AsBytes("this is the engine")));
  ExpectComponent(reader, "machine", "1.0.0",
                  crypto::Sha256::Of(Model(kMachine).file));
  ExpectComponent(reader, "sine", "1.0.0",
                  crypto::Sha256::Of(Model(kSine).file));
  EXPECT_TRUE(reader.Finish().ok());
}

TEST_F(InferServer, Measurements_RefuseEveryBufferTooShort) {
  auto whole = Ask(spm::InferOp::kMeasurements, kMaxMeasurements);
  ASSERT_EQ(whole.Send(cai_infer_Serve), PSA_SUCCESS);
  for (std::size_t room = 0; room < whole.outputs[0].size(); ++room) {
    auto request = Ask(spm::InferOp::kMeasurements, room);
    EXPECT_EQ(request.Send(cai_infer_Serve), PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(request.outputs[0].empty());
  }
}

TEST_F(InferServer, Models_AreTheModelsAlone) {
  auto request = Ask(spm::InferOp::kModels, kMaxMeasurements);
  ASSERT_EQ(request.Send(cai_infer_Serve), PSA_SUCCESS);
  cbor::Reader reader(request.outputs[0]);
  ASSERT_TRUE(reader.ArrayOf(kModelCount).ok());
  ExpectComponent(reader, "machine", "1.0.0",
                  crypto::Sha256::Of(Model(kMachine).file));
  ExpectComponent(reader, "sine", "1.0.0",
                  crypto::Sha256::Of(Model(kSine).file));
  EXPECT_TRUE(reader.Finish().ok());
}

TEST_F(InferServer, Largest_IsThatOfTheMachinesModel) {
  auto request = Ask(spm::InferOp::kLargest, sizeof(InferenceSizes));
  ASSERT_EQ(request.Send(cai_infer_Serve), PSA_SUCCESS);
  InferenceSizes sizes;
  ASSERT_EQ(request.outputs[0].size(), sizeof(sizes));
  std::memcpy(&sizes, request.outputs[0].data(), sizeof(sizes));
  EXPECT_EQ(sizes.inputs, 4u);
  EXPECT_EQ(sizes.output, 3u);
}

std::string Hex(Bytes bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<int>(b >> 4)];
    out += "0123456789abcdef"[std::to_integer<int>(b & std::byte{15})];
  }
  return out;
}

TEST_F(InferServer, Catalogue_AgreesWithTheManifest) {
  std::ifstream file("models/manifest.json");
  const std::string manifest(std::istreambuf_iterator<char>(file), {});
  for (const ModelIndex index : {kMachine, kSine}) {
    const BuiltIn model = Model(index);
    EXPECT_THAT(manifest,
                ::testing::HasSubstr("\"name\": \"" + std::string(model.name) +
                                     "\",\n      \"version\": \"" +
                                     std::string(model.version) + "\""));
    EXPECT_THAT(manifest,
                ::testing::HasSubstr(Hex(crypto::Sha256::Of(model.file))));
  }
}

TEST_F(InferServer, Serve_RefusesUnknownOperations) {
  auto request = Ask(static_cast<spm::InferOp>(4), 256);
  EXPECT_EQ(request.Send(cai_infer_Serve), PSA_ERROR_NOT_SUPPORTED);
}

}  // namespace
}  // namespace cai::infer
