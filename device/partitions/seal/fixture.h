// For the tests of this folder: the seal partition over a simulated chip, the
// partitions it calls, and a service that opens all that it seals.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "device/nv/counters.h"
#include "device/partitions/attest/api.h"
#include "device/partitions/seal/api.h"
#include "device/partitions/seal/events.h"
#include "device/partitions/seal/seal.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"
#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::seal {

using spm::SealKind;
using wire::World;

// ---- What the other partitions answer, and knobs for it
// -----------------------

struct Device {
  std::vector<std::byte> configuration = World().bytes("configuration_public");
  std::uint32_t measure_gen = 1;
  infer::InferenceResult result{};
  std::optional<infer::InferenceSizes> sizes = infer::InferenceSizes{8, 24};
  psa_status_t infer_status = PSA_SUCCESS;
  psa_status_t attest_status = PSA_SUCCESS;
  std::uint32_t runs = 0, tokens = 0;
  crypto::Digest model = World().array<32>("model");
};
inline Device* device = nullptr;

inline psa_status_t ServeIdentity(spm::Message* message) {
  if (message->op == static_cast<int>(spm::IdentityOp::kPublicKey)) {
    EXPECT_EQ(*message->Read<spm::Purpose>(0), spm::Purpose::kCoseSign);
    (void)message->Write(0, World().bytes("public cose-sign"));
    return PSA_SUCCESS;
  }
  if (message->op != static_cast<int>(spm::IdentityOp::kConfig))
    return PSA_ERROR_NOT_PERMITTED;
  if (device->configuration.empty()) return PSA_ERROR_DOES_NOT_EXIST;
  return message->Write(0, device->configuration).ok()
             ? PSA_SUCCESS
             : PSA_ERROR_BUFFER_TOO_SMALL;
}

// As attest does it: signed by the IAK, over what was asked.
inline psa_status_t ServeAttest(spm::Message* message) {
  if (device->attest_status != PSA_SUCCESS) return device->attest_status;
  ++device->tokens;
  const auto request = *message->Read<attest::AiTokenRequest>(0);
  EXPECT_TRUE(Equal(request.confirmation, World().bytes("public cose-sign")));
  ByteArray<128> payload;
  cbor::Writer writer(payload);
  writer.Map(2);
  writer.Uint(3);
  writer.Bstr(request.service);
  writer.Uint(10);
  writer.Bstr(request.nonce);
  const wire::TestKey iak = wire::IakKey();
  const auto token = cose::MakeSign1({wire::kAiTokenType}, *writer.Finish(),
                                     iak.key.get(), message->out[0]);
  if (!token.ok()) return PSA_ERROR_BUFFER_TOO_SMALL;
  message->out_size[0] = token->size();
  (void)message->Write(1, *wire::TokenId(*token));
  (void)message->WriteValue(2, device->measure_gen);
  return PSA_SUCCESS;
}

inline psa_status_t ServeInfer(spm::Message* message) {
  if (message->op == static_cast<int>(spm::InferOp::kModels)) {
    ByteArray<64> room;
    cbor::Writer writer(room);
    writer.Array(1);
    writer.Array(3);
    writer.Text("sine");
    writer.Text("1");
    writer.Bstr(device->model);
    (void)message->Write(0, *writer.Finish());
    return PSA_SUCCESS;
  }
  if (message->op == static_cast<int>(spm::InferOp::kLargest)) {
    if (!device->sizes) return PSA_ERROR_GENERIC_ERROR;
    (void)message->WriteValue(0, *device->sizes);
    return PSA_SUCCESS;
  }
  if (device->infer_status != PSA_SUCCESS) return device->infer_status;
  ++device->runs;
  device->result.t_ms = spm::UptimeMs();
  (void)message->WriteValue(0, device->result);
  return PSA_SUCCESS;
}

// ---- The service
// ----------------------------------------------------------------

struct Service {
  std::vector<std::byte> ServiceKey(std::uint64_t generation,
                                    std::uint64_t min = 0,
                                    std::vector<std::uint8_t> suites = {24,
                                                                        1}) {
    wire::ServiceKey key;
    key.svc = svc;
    key.generation = generation;
    key.min_generation = min;
    key.encryption = enc.public_key;
    key.signing = sign.public_key;
    std::ranges::copy(suites, key.suites.begin());
    key.suite_count = suites.size();
    std::array<std::byte, wire::ServiceKey::kMaxEncoded> out;
    const auto made =
        wire::MakeServiceKey(key, root.key.get(), root.public_key, out);
    return {made->begin(), made->end()};
  }
  std::vector<std::byte> Challenge(std::uint8_t number) {
    wire::Challenge challenge{.nonce = {}, .svc = svc};
    challenge.nonce.fill(std::byte{number});
    std::array<std::byte, wire::Challenge::kEncoded> out;
    const auto made = wire::EncodeChallenge(challenge, out);
    return {made->begin(), made->end()};
  }
  std::vector<std::byte> Command(wire::Command command) {
    command.svc = svc;
    command.uuid = World().array<16>("uuid");
    std::array<std::byte, wire::Command::kMaxEncoded> out;
    const auto made = wire::MakeCommand(command, sign.key.get(), out);
    return {made->begin(), made->end()};
  }

  // As ingest: all rules, in order. Leaves the session open for readings.
  void Open(Bytes bytes) {
    const auto message = wire::ParseSession(bytes);
    ASSERT_TRUE(message.ok());
    ASSERT_TRUE(wire::VerifySession(*message, World().array<16>("uuid"),
                                    cose_sign.public_key, svc)
                    .ok());
    const auto decision =
        wire::DecideSession(message->header, message->id, {max_counter, {}});
    ASSERT_TRUE(decision.ok());
    ASSERT_EQ(*decision, wire::SessionDecision::kNew);
    max_counter = message->header.counter;
    std::vector<std::byte> out(message->ciphertext.size());
    auto plain = wire::UnwrapSession(*message, enc.key.get(), enc.public_key,
                                     World().array<33>("ueid"), out);
    ASSERT_TRUE(plain.ok());
    header = message->header;
    state = wire::ReceiverState::Begin(std::move(plain->keys));
  }

  Result<wire::Plain> Receive(Bytes bytes) {
    CAI_TRY_ASSIGN(const wire::SealedMessage message, wire::ParseSealed(bytes));
    if (message.key_id != header.key_id()) return Error::kWireUnknownSession;
    wire::ReceiveContext context{.suite = header.suite,
                                 .now_ms = 1'900'000'000'000,
                                 .component_count = 3};
    auto received = wire::Receive(state, context, message, scratch);
    if (!received.ok()) return received.error();
    state = std::move(received->next);
    last_sequence = received->sequence;
    return received->plain;
  }

  wire::TestKey root = wire::RootKey();
  wire::TestKey enc = wire::EncKey();
  wire::TestKey sign = wire::SignKey();
  wire::TestKey cose_sign = wire::CoseSignKey();
  wire::Svc svc = World().array<8>("svc");
  std::optional<std::uint64_t> max_counter = {};
  wire::SessionHeader header = {};
  wire::ReceiverState state = {};
  std::uint32_t last_sequence = 0;
  ByteArray<wire::kMaxSealed> scratch = {};
};

class SealPartition : public ::testing::Test {
 protected:
  void SetUp() override {
    sim::Manufacture();
    device = &device_;
    device_.result.measure_gen = 1;
    device_.result.model_index = 1;
    device_.result.input_count = 2;
    device_.result.inputs[0] = 21'500;
    device_.result.inputs[1] = -3;
    device_.result.output_size = 3;
    device_.result.output[0] = -128;
    device_.result.output[2] = 127;
    boot_.service_roots[0] = crypto::Sha256::Of(service_.root.public_key.xy);
    Boot(300);
  }

  // A start of the SPE: RAM is new, OTP counters stay.
  void Boot(std::uint32_t count) {
    fake_spm::Reset();
    fake_spm::RunAs(spm::PartitionId::kSeal);
    fake_spm::Provide(spm::Sid::kIdentity, ServeIdentity);
    fake_spm::Provide(spm::Sid::kAttest, ServeAttest);
    fake_spm::Provide(spm::Sid::kInfer, ServeInfer);
    boot_.boot_count = count;
    boot_.uuid = World().array<16>("uuid");
    boot_.ueid = World().array<33>("ueid");
    fake_spm::SetBootData(boot_);
    (void)spm::DepositKey(spm::PartitionId::kSeal,
                          World().array<32>("key seal-hedge"));
    now_ = 5'000;
    fake_spm::SetUptime(now_);
    seal_ = std::make_unique<Seal>();
    ASSERT_TRUE(seal_->Start(service_.cose_sign.key.get()).ok());
  }

  void Pass(std::uint64_t ms) { fake_spm::SetUptime(now_ += ms); }

  Seal::Next Pull() {
    const auto next = seal_->Pull(out_);
    EXPECT_TRUE(next.ok()) << ErrorName(next.ok() ? Error{} : next.error());
    return next.ok() ? *next : Seal::Next{};
  }
  Error PullError() {
    const auto next = seal_->Pull(out_);
    return next.ok() ? Error{} : next.error();
  }
  Error Offer(Bytes service_key) {
    const Status status = seal_->TakeServiceKey(service_key);
    return status.ok() ? Error{} : status.error();
  }
  Error Tell(Bytes downlink) {
    const Status status = seal_->TakeDownlink(downlink);
    return status.ok() ? Error{} : status.error();
  }

  void OpenSession(std::uint8_t nonce = 1) {
    ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
    ASSERT_EQ(Tell(service_.Challenge(nonce)), Error{});
    TakeSession();
  }
  void TakeSession() {
    const Seal::Next next = Pull();
    ASSERT_EQ(next.kind, SealKind::kSession);
    service_.Open(next.message);
  }
  template <typename T>
  T TakeSealed() {
    const Seal::Next next = Pull();
    EXPECT_EQ(next.kind, SealKind::kReading);
    const auto plain = service_.Receive(next.message);
    EXPECT_TRUE(plain.ok());
    const T* const value = plain.ok() ? std::get_if<T>(&*plain) : nullptr;
    EXPECT_NE(value, nullptr);
    return value ? *value : T{};
  }
  std::uint32_t CountEvents(EventId id) {
    std::uint32_t count = 0;
    for (const auto& event : fake_spm::events())
      count += event.id == static_cast<std::uint16_t>(id);
    return count;
  }

  Device device_;
  Service service_;
  spm::BootData boot_{};
  std::unique_ptr<Seal> seal_;
  std::uint64_t now_ = 0;
  ByteArray<kMaxMessage> out_;
};

}  // namespace cai::seal
