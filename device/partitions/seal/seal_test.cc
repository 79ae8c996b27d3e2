// The logic of the seal partition against a service that receives: all that is
// sealed here is opened with lib/wire's other half.
#include "device/partitions/seal/seal.h"

#include "device/partitions/seal/fixture.h"
#include "device/partitions/seal/seal_server.h"

namespace cai::seal {
namespace {

// ---- Sessions and readings
// ------------------------------------------------------

TEST_F(SealPartition, SealsWhatInferComputed_AndTheServiceOpensIt) {
  OpenSession();
  EXPECT_EQ(service_.header.counter, 300u << 8);
  EXPECT_EQ(service_.header.generation, 7u);
  EXPECT_EQ(service_.header.suite, wire::Suite::kChaCha20Poly1305);

  const auto reading = TakeSealed<wire::Reading>();
  EXPECT_EQ(reading.model_index, 1);
  EXPECT_EQ(reading.time_ms, now_);
  ASSERT_EQ(reading.input_count, 2u);
  EXPECT_EQ(reading.inputs[0], 21'500);
  EXPECT_EQ(reading.inputs[1], -3);
  EXPECT_EQ(testing::Hex(reading.output), "80007f");
}

TEST_F(SealPartition, UsesTheOtherSuite_IfTheServiceAllowsNoOther) {
  ASSERT_EQ(Offer(service_.ServiceKey(7, 0, {1})), Error{});
  ASSERT_EQ(Tell(service_.Challenge(1)), Error{});
  TakeSession();
  EXPECT_EQ(service_.header.suite, wire::Suite::kAes128Gcm);
  TakeSealed<wire::Reading>();
}

TEST_F(SealPartition, AsksForAKey_ThenForAChallenge) {
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  ASSERT_EQ(Tell(service_.Challenge(1)), Error{});
  EXPECT_EQ(Pull().kind, SealKind::kSession);
  EXPECT_EQ(device_.tokens, 1u);
}

// M13: neither a value nor a model, nor what kind of message it is.
TEST_F(SealPartition, AllThatItSealsIsOfOneLength) {
  OpenSession();
  const auto size = [&] {
    const Seal::Next next = Pull();
    EXPECT_EQ(next.kind, SealKind::kReading);
    EXPECT_TRUE(service_.Receive(next.message).ok());
    Pass(500);
    return next.message.size();
  };
  const std::size_t first = size();
  EXPECT_EQ(first, 128u + 33);  // of the largest model, though it was small
  device_.result.inputs[0] = 0;
  EXPECT_EQ(size(), first);
  device_.result.inputs[0] = -2'000'000'000;
  EXPECT_EQ(size(), first);
  device_.result.model_index = 2;  // another model
  device_.result.input_count = 8;
  device_.result.output_size = 24;
  EXPECT_EQ(size(), first);
  wire::Command command;
  command.boot_count = 300;
  command.counter = 1;
  command.op = wire::Command::Op::kReadState;
  ASSERT_EQ(Tell(service_.Command(command)), Error{});
  EXPECT_EQ(size(), first);  // an event
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  EXPECT_EQ(size(), first);  // the end
}

TEST_F(SealPartition, PadsToTheMost_IfInferDoesNotSayHowMuch) {
  const auto padded = [&](std::optional<infer::InferenceSizes> sizes) {
    device_.sizes = sizes;
    Boot(++boot_.boot_count);
    OpenSession();
    return Pull().message.size() - 33;
  };
  EXPECT_EQ(padded(infer::InferenceSizes{2, 3}), 64u);
  EXPECT_EQ(padded({}), wire::kMaxPlain);
  EXPECT_EQ(padded(infer::InferenceSizes{17, 3}), wire::kMaxPlain);
  EXPECT_EQ(padded(infer::InferenceSizes{1, ~0u}), wire::kMaxPlain);
}

// H4: drops show, re-rolls must not be possible.
TEST_F(SealPartition, KeepsItsOwnCadence_HoweverOftenItIsAsked) {
  OpenSession();
  TakeSealed<wire::Reading>();
  for (int i = 0; i < 100; ++i) {
    const Seal::Next next = Pull();
    EXPECT_EQ(next.kind, SealKind::kNothing);
    EXPECT_EQ(next.wait_ms, 500u);
  }
  EXPECT_EQ(device_.runs, 1u);
  Pass(499);
  EXPECT_EQ(Pull().wait_ms, 1u);
  Pass(1);
  TakeSealed<wire::Reading>();
  EXPECT_EQ(device_.runs, 2u);
}

TEST_F(SealPartition, DoesNotCatchUp_AfterAPause) {
  OpenSession();
  TakeSealed<wire::Reading>();
  Pass(60'000);
  TakeSealed<wire::Reading>();
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
}

TEST_F(SealPartition, RefusesABufferTooSmall_AndSpendsNothing) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  ASSERT_EQ(Tell(service_.Challenge(1)), Error{});
  for (const std::size_t size : {std::size_t{0}, wire::kMaxSession - 1}) {
    const auto next = seal_->Pull(MutableBytes(out_).first(size));
    ASSERT_FALSE(next.ok());
    EXPECT_EQ(next.error(), Error::kIpcNoRoom);
  }
  TakeSession();
  EXPECT_EQ(service_.header.counter & 0xff, 0u);
}

// ---- Attack 15: NS offers a key of its own
// ----------------------------------------

TEST_F(SealPartition, RefusesAServiceKeyOfNsItself) {
  Service mallory{.root = wire::IakKey()};  // some other key that NS holds
  EXPECT_EQ(Offer(mallory.ServiceKey(8)), Error::kCoseWrongKeyId);

  // The same under our root's name.
  const auto forged = mallory.ServiceKey(8);
  const auto payload = cose::ParseSign1(forged)->payload;
  const wire::KeyId kid = wire::KeyIdOf(service_.root.public_key);
  ByteArray<512> room;
  const auto named = cose::MakeSign1({wire::kServiceKeyType, kid}, payload,
                                     mallory.root.key.get(), room);
  EXPECT_EQ(Offer(*named), Error::kCoseBadSignature);

  EXPECT_EQ(Tell(service_.Challenge(1)), Error{});
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  EXPECT_EQ(device_.tokens, 0u);
  EXPECT_EQ(*spm::ReadCounter(nv::Counter::kServiceGeneration), 0u);
  EXPECT_EQ(CountEvents(EventId::kSealRefused), 2u);
}

TEST_F(SealPartition, RefusesAConfigurationWithAnotherRoot) {
  boot_.service_roots[0][0] ^= std::byte{1};
  Boot(300);
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error::kWireWrongRoot);
  EXPECT_EQ(PullError(), Error::kWireWrongRoot);
}

TEST_F(SealPartition, TakesTheSecondRootOfOtp) {
  std::swap(boot_.service_roots[0], boot_.service_roots[1]);
  Boot(300);
  OpenSession();
}

TEST_F(SealPartition, RefusesAKeyForAnotherService) {
  Service other;
  other.svc[7] ^= std::byte{1};
  EXPECT_EQ(Offer(other.ServiceKey(7)), Error::kWireWrongService);
  EXPECT_EQ(Tell(other.Challenge(1)), Error::kWireWrongService);
}

TEST_F(SealPartition, RefusesAnOlderGeneration_AlsoAfterAReset) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  EXPECT_EQ(Offer(service_.ServiceKey(6)), Error::kWireOldGeneration);
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error{});

  Boot(301);
  EXPECT_EQ(Offer(service_.ServiceKey(6)), Error::kWireOldGeneration);
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  EXPECT_EQ(Offer(service_.ServiceKey(8)), Error{});
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error::kWireOldGeneration);
}

TEST_F(SealPartition, RefusesAKeyWhoseFloorCannotBeKept) {
  sim::CutPowerAt(0, 0);
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error::kSealCounter);
  EXPECT_EQ(Offer(service_.ServiceKey(std::uint64_t{1} << 32)),
            Error::kSealCounter);
  sim::PowerOn();
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
}

// Attack 16.
TEST_F(SealPartition, RefusesAServiceKeyOffTheCurve) {
  service_.enc.public_key.xy[5] ^= std::byte{1};
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error::kCryptoBadPoint);
}

// Attack 46, last: the emergency minimum ends the session within one call.
TEST_F(SealPartition, EndsTheSessionAtOnce_IfItsGenerationDied) {
  OpenSession();
  TakeSealed<wire::Reading>();
  ASSERT_EQ(Offer(service_.ServiceKey(8, 8)), Error{});
  Pass(500);
  // Not one more message under the dead key; the next session waits its minute.
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
  EXPECT_EQ(device_.runs, 1u);
  Pass(60'000);
  TakeSession();
  EXPECT_EQ(service_.header.generation, 8u);
}

TEST_F(SealPartition, ChangesToANewerKey_AfterAMinute) {
  OpenSession();
  TakeSealed<wire::Reading>();
  ASSERT_EQ(Offer(service_.ServiceKey(8)), Error{});
  Pass(500);
  TakeSealed<wire::Reading>();
  Pass(60'000);
  EXPECT_EQ(TakeSealed<wire::Close>().reason, wire::Close::Reason::kServiceKey);
  TakeSession();
  EXPECT_EQ(service_.header.generation, 8u);
  EXPECT_EQ(device_.tokens, 1u);  // the models are the same: so is the token
}

// ---- What begins and ends sessions
// --------------------------------------------------

TEST_F(SealPartition, NumbersReadingsForLife) {
  OpenSession();
  EXPECT_EQ(service_.header.first, 0u);
  for (int i = 0; i < 5; ++i) {
    TakeSealed<wire::Reading>();
    Pass(500);
  }
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  EXPECT_EQ(TakeSealed<wire::Close>().last, 5u);
  TakeSession();
  EXPECT_EQ(service_.header.first, 6u);  // no gap: 0 + 5 + 1
  EXPECT_EQ(service_.header.counter, 300u << 8 | 1);

  // After an unclean reset: the next range.
  Boot(301);
  OpenSession();
  EXPECT_EQ(service_.header.first, 1024u);
}

// The number of a message is its session's first plus its sequence, also where
// one range of OTP ends and the next begins.
TEST_F(SealPartition, NumbersRunOnOverTheEndOfARange) {
  OpenSession();
  for (int i = 0; i < 1500; ++i) {
    TakeSealed<wire::Reading>();
    Pass(500);
  }
  EXPECT_EQ(*spm::ReadCounter(nv::Counter::kReading), 2u);
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  TakeSealed<wire::Close>();
  TakeSession();
  EXPECT_EQ(service_.header.first, 1501u);
}

TEST_F(SealPartition, SealsNothing_IfNoNumberCanBeReserved) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  ASSERT_EQ(Tell(service_.Challenge(1)), Error{});
  sim::CutPowerAt(0, 0);
  EXPECT_EQ(PullError(), Error::kSealCounter);
  sim::PowerOn();
  TakeSession();
}

// Attack 7 and rule 1.2.1.
TEST_F(SealPartition, RefusesEverything_WithoutABootCount) {
  Boot(0);
  EXPECT_EQ(Offer(service_.ServiceKey(7)), Error::kSealDisabled);
  EXPECT_EQ(Tell(service_.Challenge(1)), Error::kSealDisabled);
  EXPECT_EQ(PullError(), Error::kSealDisabled);
  EXPECT_EQ(device_.runs, 0u);
  EXPECT_EQ(CountEvents(EventId::kSealDisabled), 1u);
}

TEST_F(SealPartition, WaitsForAConfiguration) {
  device_.configuration.clear();
  Boot(300);
  EXPECT_EQ(PullError(), Error::kSealNoConfiguration);
  device_.configuration = World().bytes("configuration_public");
  OpenSession();
}

TEST_F(SealPartition, ANewBoot_HasAnotherSessionCounterAndOtherKeys) {
  OpenSession();
  const auto first = service_.state.Clone();
  Boot(301);
  OpenSession();
  EXPECT_EQ(service_.header.counter, 301u << 8);
  EXPECT_FALSE(first.chain_floor == service_.state.chain_floor);
}

// H3, attack 41: a result of other models than the token names.
TEST_F(SealPartition, DropsAResult_ComputedUnderOtherModels) {
  OpenSession();
  TakeSealed<wire::Reading>();
  Pass(500);
  device_.measure_gen = device_.result.measure_gen = 2;
  EXPECT_EQ(Pull().kind, SealKind::kNothing);  // this one is under neither
  EXPECT_EQ(TakeSealed<wire::Close>().reason, wire::Close::Reason::kModels);
  EXPECT_EQ(Pull().kind,
            SealKind::kNeedServiceKey);  // a new token, a new nonce
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  TakeSession();  // at once, though a minute has not passed
  TakeSealed<wire::Reading>();
  EXPECT_EQ(device_.tokens, 2u);
  EXPECT_EQ(CountEvents(EventId::kSealDropped), 1u);
}

TEST_F(SealPartition, RefusesAResult_WhoseSizesCannotBe) {
  OpenSession();
  device_.result.output_size = 65;
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
  device_.result.output_size = 3;
  device_.result.input_count = 17;
  Pass(500);
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
}

TEST_F(SealPartition, GoesOn_WhenInferenceFailsForAWhile) {
  OpenSession();
  device_.infer_status = PSA_ERROR_DOES_NOT_EXIST;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Pull().kind, SealKind::kNothing);
    Pass(500);
  }
  EXPECT_EQ(CountEvents(EventId::kSealInferFailed), 1u);  // said once
  device_.infer_status = PSA_SUCCESS;
  TakeSealed<wire::Reading>();
  EXPECT_EQ(service_.last_sequence, 0u);
}

TEST_F(SealPartition, AsksForANewChallenge_WhenAttestationFails) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  ASSERT_EQ(Tell(service_.Challenge(1)), Error{});
  device_.attest_status = PSA_ERROR_GENERIC_ERROR;
  EXPECT_EQ(PullError(), Error::kIpcFailed);
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  device_.attest_status = PSA_SUCCESS;
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  TakeSession();
}

TEST_F(SealPartition, EndsASessionAfterADay) {
  OpenSession();
  TakeSealed<wire::Reading>();
  Pass(24ull * 3600 * 1000);
  EXPECT_EQ(TakeSealed<wire::Close>().reason, wire::Close::Reason::kAge);
  // The token is as old: the service must challenge anew.
  EXPECT_EQ(Pull().kind, SealKind::kNeedServiceKey);
  ASSERT_EQ(Tell(service_.Challenge(2)), Error{});
  TakeSession();
}

// Attack 26.
TEST_F(SealPartition, TakesThreeChallengesAtOnce_AndOnePerMinute) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  for (std::uint8_t i = 1; i <= 3; ++i)
    EXPECT_EQ(Tell(service_.Challenge(i)), Error{});
  EXPECT_EQ(Tell(service_.Challenge(4)), Error::kSealThrottled);
  EXPECT_EQ(Tell(service_.Challenge(3)), Error{});  // heard before: free
  Pass(60'000);
  EXPECT_EQ(Tell(service_.Challenge(5)), Error{});
  EXPECT_EQ(Tell(service_.Challenge(6)), Error::kSealThrottled);
  TakeSession();
  EXPECT_EQ(Tell(service_.Challenge(5)), Error{});  // answered: free
  EXPECT_EQ(Pull().kind, SealKind::kReading);
  EXPECT_EQ(device_.tokens, 1u);
}

// Attack 9: no wrap of the session index.
TEST_F(SealPartition, OpensNoMoreSessionsThanAnIndexHas) {
  ASSERT_EQ(Offer(service_.ServiceKey(7)), Error{});
  for (std::uint32_t i = 0; i < kMaxSessions; ++i) {
    Pass(60'000);
    ASSERT_EQ(Tell(service_.Challenge(static_cast<std::uint8_t>(i & 1))),
              Error{});
    if (i != 0) TakeSealed<wire::Close>();
    TakeSession();
  }
  EXPECT_EQ(service_.header.counter, 300u << 8 | 255);
  Pass(60'000);
  ASSERT_EQ(Tell(service_.Challenge(7)), Error{});
  TakeSealed<wire::Close>();
  EXPECT_EQ(PullError(), Error::kWireExhausted);
}

// ---- Commands
// ---------------------------------------------------------------------

TEST_F(SealPartition, ObeysOnlyTheServicesOwnCommands) {
  OpenSession();
  const wire::Command command{.svc = {},
                              .uuid = {},
                              .boot_count = 300,
                              .counter = 5,
                              .op = wire::Command::Op::kReadState,
                              .model = {}};
  Service mallory{.sign = wire::IakKey()};
  EXPECT_EQ(Tell(mallory.Command(command)), Error::kCoseBadSignature);
  EXPECT_EQ(Tell(service_.Command(command)), Error{});
  EXPECT_EQ(Tell(service_.Command(command)), Error::kWireReplay);
  wire::Command other_boot = command;
  other_boot.boot_count = 299;
  other_boot.counter = 6;
  EXPECT_EQ(Tell(service_.Command(other_boot)), Error::kWireWrongBoot);

  const auto event = TakeSealed<wire::Event>();
  EXPECT_EQ(event.id, wire::Event::kState);
  EXPECT_EQ(event.argument, 0u);
  TakeSealed<wire::Reading>();
}

TEST_F(SealPartition, StopsAndAllowsAModelByItsHash) {
  OpenSession();
  wire::Command command{.svc = {},
                        .uuid = {},
                        .boot_count = 300,
                        .counter = 1,
                        .op = wire::Command::Op::kStopModel,
                        .model = device_.model};
  ASSERT_EQ(Tell(service_.Command(command)), Error{});
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
  Pass(500);
  EXPECT_EQ(Pull().kind, SealKind::kNothing);
  command.counter = 2;
  command.op = wire::Command::Op::kAllowModel;
  ASSERT_EQ(Tell(service_.Command(command)), Error{});
  Pass(500);
  TakeSealed<wire::Reading>();
}

TEST_F(SealPartition, NewSessionCommand_WaitsForItsMinute) {
  OpenSession();
  const wire::Command command{.svc = {},
                              .uuid = {},
                              .boot_count = 300,
                              .counter = 1,
                              .op = wire::Command::Op::kNewSession,
                              .model = {}};
  ASSERT_EQ(Tell(service_.Command(command)), Error{});
  TakeSealed<wire::Reading>();
  Pass(60'000);
  EXPECT_EQ(TakeSealed<wire::Close>().reason, wire::Close::Reason::kCommand);
  TakeSession();
}

TEST_F(SealPartition, RefusesDownlinksThatAreNone) {
  EXPECT_EQ(Tell({}), Error::kWireMalformed);
  EXPECT_EQ(Tell(World().bytes("need")), Error::kWireMalformed);
  EXPECT_EQ(Tell(World().bytes("command")), Error::kSealNoServiceKey);
}

// ---- The server
// ---------------------------------------------------------------------

TEST_F(SealPartition, Server_RefusesPartitionsAndMalformedRequests) {
  ASSERT_EQ(spm::DepositKey(spm::PartitionId::kSeal,
                            World().array<32>("key seal-hedge"))
                .ok(),
            true);
  ASSERT_EQ(cai_seal_Start(), PSA_SUCCESS);
  const auto send = [](std::int32_t client, spm::SealOp op, int ins, int outs) {
    fake_spm::Request request{.sid = spm::Sid::kSeal,
                              .client = client,
                              .op = static_cast<std::int32_t>(op)};
    for (int i = 0; i < ins; ++i) request.InBytes(World().bytes("hello"));
    for (int i = 0; i < outs; ++i) request.Out(kMaxMessage);
    return request.Send(cai_seal_Serve);
  };
  // Attack 43: neither NS nor any partition can hand over bytes to seal.
  for (int partition = 1; partition <= 6; ++partition)
    EXPECT_EQ(send(partition, spm::SealOp::kNext, 0, 2),
              PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(send(-1, spm::SealOp::kNext, 1, 2), PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(send(-1, spm::SealOp::kNext, 0, 1), PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(send(-1, static_cast<spm::SealOp>(9), 0, 0),
            PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(send(-1, spm::SealOp::kStatus, 0, 1), PSA_SUCCESS);
  // Which reason it was stays inside.
  EXPECT_EQ(send(-1, spm::SealOp::kServiceKey, 1, 0), PSA_ERROR_NOT_PERMITTED);
}

TEST_F(SealPartition, Status_SaysWhereItStands) {
  OpenSession();
  TakeSealed<wire::Reading>();
  ByteArray<kMaxStatus> room;
  const auto status = seal_->Describe(room);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(testing::Hex(*status),
            "aa6273631a00012c00"
            "6367656e07"
            "6373657101"
            "646f70656ef5"
            "65666972737400"
            "6573756974651818"
            "6764726f7070656400"
            "67656e61626c6564f5"
            "686661696c7572657300"
            "6873657373696f6e7301");
}

}  // namespace
}  // namespace cai::seal
