// For the tests of this folder: simulated devices against the real receiver,
// over a real store, registry, reference values and service keys in a temporary
// state folder.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <memory>

#include "host/ca/service.h"
#include "host/ingest/receiver.h"
#include "host/ingest/registry_directory.h"
#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/eat/test_device.h"
#include "lib/wire/sealed.h"

namespace cai::ingest {

constexpr std::uint64_t kStartMs = 1'800'000'000'000;
constexpr std::uint64_t kTokenUptimeMs = 90'000;  // of eat::TestDevice

// A COSE_Sign1 around any protected header and payload, for what no encoder of
// ours would make.
inline Blob SignRaw(Bytes protected_header, Bytes payload,
                    crypto::P256Private signer) {
  const auto signature =
      crypto::SignHash(signer, cose::ToBeSigned(protected_header, payload));
  Blob room(protected_header.size() + payload.size() + 100);
  cbor::Writer writer(room);
  writer.Tag(cose::kTagSign1);
  writer.Array(4);
  writer.Bstr(protected_header);
  writer.Map(0);
  writer.Bstr(payload);
  writer.Bstr(*signature);
  return host::ToBlob(*writer.Finish());
}

// What the secure world does, in the host's memory; each `tag` another device.
class SimulatedDevice {
 public:
  using AlterHeader = std::function<void(wire::SessionHeader&)>;
  using AlterClaims = eat::TestDevice::Alter<eat::AiClaims>;

  SimulatedDevice(int tag, std::string given_name)
      : token(tag, tag + 1), name(std::move(given_name)) {
    uuid.bytes.fill(std::byte(tag));
    token.ueid[32] = std::byte(tag);
    next.uuid = uuid.bytes;
    next.counter = 7 << 8;
  }

  std::string Id() const { return uuid.Text(); }
  std::string Topic(char leaf) const { return "cai/" + Id() + "/" + leaf; }

  // Knows the service from now on.
  void Trust(const wire::Svc& svc, std::uint64_t generation,
             const crypto::P256Public& key) {
    token.service = next.svc = svc;
    next.generation = generation;
    service = key;
  }

  Blob Token(const AlterClaims& alter = {}) const {
    return token.AiToken([&](eat::AiClaims& claims) {
      claims.boot_count = static_cast<std::uint32_t>(next.boot_count());
      if (alter) alter(claims);
    });
  }
  // Opens `next` with this token and seals under it; counts on.
  Blob Session(Bytes token_bytes, const AlterHeader& alter = {}) {
    wire::SessionHeader header = next;
    ++next.counter;
    const auto id = wire::TokenId(token_bytes);
    if (id.ok()) header.token_id = *id;
    if (alter) alter(header);
    current = header;
    return Make(header, token_bytes);
  }
  Blob Session() { return Session(Token()); }

  // A new boot: counters of sessions go on there.
  void Reboot() { next.counter = (next.boot_count() + 1) << 8; }

  Blob Seal(const wire::Plain& plain) {
    ByteArray<wire::kMaxPlain> room;
    ByteArray<wire::kMaxSealed> out;
    const auto sealed = sealer.Seal(*wire::EncodePlain(plain, room), out);
    EXPECT_TRUE(sealed.ok());
    return sealed.ok() ? host::ToBlob(*sealed) : Blob();
  }
  wire::Reading Sample() const {
    wire::Reading reading{.model_index = 1, .time_ms = kTokenUptimeMs + 500};
    reading.inputs[0] = -21'500;
    reading.inputs[1] = 3;
    reading.input_count = 2;
    reading.output = output;
    return reading;
  }
  Blob Reading() { return Seal(Sample()); }
  void SkipTo(std::uint32_t sequence) {
    while (sealer.next() < sequence) (void)Reading();
  }
  // The same session once more from its start: who holds its keys can.
  std::unique_ptr<wire::Sealer> Twin() const {
    auto twin = std::make_unique<wire::Sealer>();
    twin->Open(current.suite, current.key_id(), Keys());
    return twin;
  }

  // CK_0 of the current session.
  Bytes chain() const { return chain_; }

  eat::TestDevice token;
  std::string name;
  host::Uuid uuid;
  crypto::P256Public service;
  wire::SessionHeader next, current;
  wire::Sealer sealer;
  ByteArray<3> output{std::byte{0x80}, std::byte{0x7f}, std::byte{0x01}};

 private:
  Blob Make(const wire::SessionHeader& header, Bytes token_bytes) {
    const wire::SessionOpening opening{.header = header,
                                       .ueid = token.ueid,
                                       .service = service,
                                       .signer = token.cose_sign.get(),
                                       .token = token_bytes};
    wire::SessionEntropy entropy;
    entropy.draw.mutable_bytes()[0] = std::byte(++draws_);
    wire::SessionKeys keys;
    Blob room(wire::kMaxSession);
    const auto message = wire::MakeSession(opening, entropy, keys, room);
    EXPECT_TRUE(message.ok());
    id_ = keys.id;
    CopyInto(chain_, keys.chain.bytes());
    sealer.Open(header.suite, header.key_id(), std::move(keys));
    return message.ok() ? host::ToBlob(*message) : Blob();
  }
  wire::SessionKeys Keys() const {
    wire::SessionKeys keys;
    keys.id = id_;
    CopyInto(keys.chain.mutable_bytes(), chain_);
    return keys;
  }

  int draws_ = 0;
  crypto::Digest id_{}, chain_{};
};

class IngestTest : public testing::Test {
 protected:
  IngestTest()
      : folder_(MakeFolder()),
        state_(folder_),
        registry_(*registry::Registry::Open(state_.registry_db())) {
    EXPECT_TRUE(ca::Service::Init(state_, kStartMs / 1000).ok());
    WriteReferences({});
    Restart();
    for (SimulatedDevice* device : {&a_, &b_}) Enrol(*device, true);
  }
  ~IngestTest() override {
    receiver_.reset();
    host::fs::remove_all(folder_);
  }

  // ---- The service ----------------------------------------------------------

  // Ends without a word and starts again: only files remain.
  void Restart() {
    receiver_.reset();
    keys_.emplace(*ServiceKeys::Load(state_));
    store_.emplace(*Store::Open(state_.readings_db()));
    directory_.emplace(*RegistryDirectory::Open(state_));
    rows_.emplace(*OpenReadings(state_.readings_db()));
    receiver_.emplace(*store_, *keys_, *directory_);
  }

  void WriteReferences(const std::function<void(References&)>& alter) {
    const eat::TestDevice& t = a_.token;
    References references;
    references.Add({"SPE", "1.2.3+4", t.spe, t.signer});
    references.Add({"NSPE", "0.9.0", t.nspe, t.signer});
    references.AddEngine({"cai-nn", "1.0.0", t.engine, {}});
    references.AddModel({"sine", "3", t.sine, {"low", "high", "flat"}});
    references.AddModel({"anomaly", "12", t.anomaly, {}});
    if (alter) alter(references);
    ASSERT_TRUE(references.Write(References::PathIn(state_)).ok());
  }

  void Enrol(SimulatedDevice& device, bool attested) {
    Endorse(device);
    ASSERT_TRUE(registry_
                    .PinCoseSign(device.uuid,
                                 device.token.cose_sign.public_key(), attested)
                    .ok());
  }
  void Endorse(SimulatedDevice& device) {
    registry::Endorsement e;
    e.uuid = device.uuid;
    e.ueid = device.token.ueid;
    e.implementation_id = device.token.implementation;
    e.iak = device.token.iak.public_key();
    e.board = "an521";
    e.name = device.name;
    ASSERT_TRUE(registry_.Endorse(e, kStartMs / 1000).ok());
    Introduce(device);
  }
  // Tells the device of the service's newest key.
  void Introduce(SimulatedDevice& device) {
    const auto service = ca::Service::Open(state_);
    const std::uint64_t generation = service->newest().number;
    device.Trust(keys_->svc(), generation, keys_->Find(generation)->public_key);
  }

  // ---- Messages -------------------------------------------------------------

  // The reason of the refusal; "" if it was taken, "parked" if it waits.
  std::string Send(const std::string& topic, Bytes payload) {
    const std::int64_t before = Count("refusals");
    auto answer = receiver_->Take(++ticket_, topic, payload, now_);
    EXPECT_TRUE(answer.ok());
    if (!answer.ok()) return "failed";
    answer_ = std::move(*answer);
    const bool settled = std::ranges::find(answer_.acknowledge, ticket_) !=
                         answer_.acknowledge.end();
    if (Count("refusals") == before) return settled ? "" : "parked";
    EXPECT_TRUE(settled);
    return Text("SELECT reason FROM refusals ORDER BY id DESC LIMIT 1");
  }
  std::string Send(const SimulatedDevice& device, char leaf, Bytes payload) {
    return Send(device.Topic(leaf), payload);
  }
  // The same, where nothing may leave.
  std::string Silent(const SimulatedDevice& device, char leaf, Bytes payload) {
    const std::string reason = Send(device, leaf, payload);
    EXPECT_TRUE(answer_.publish.empty()) << reason;
    return reason;
  }

  Blob HelloOf(const wire::Svc& svc) {
    ByteArray<wire::Hello::kEncoded> room;
    return host::ToBlob(*wire::EncodeHello({svc}, room));
  }
  // hello -> svc-key, challenge: the device has the nonce.
  void Challenge(SimulatedDevice& device) {
    now_ += 5'000;
    ASSERT_EQ(Send(device, 's', HelloOf(keys_->svc())), "");
    TakeChallenge(device);
  }
  void TakeChallenge(SimulatedDevice& device) {
    ASSERT_EQ(answer_.publish.size(), 2u);
    EXPECT_EQ(answer_.publish[0].topic, device.Topic('d'));
    EXPECT_TRUE(Equal(answer_.publish[0].payload, keys_->statement()));
    EXPECT_EQ(answer_.publish[1].topic, device.Topic('d'));
    const auto challenge = wire::ParseChallenge(answer_.publish[1].payload);
    ASSERT_TRUE(challenge.ok());
    EXPECT_EQ(challenge->svc, keys_->svc());
    device.token.nonce = challenge->nonce;
  }
  // All the way to an open session; its message.
  Blob Open(SimulatedDevice& device) {
    Challenge(device);
    const Blob session = device.Session();
    now_ += 1'000;
    EXPECT_EQ(Silent(device, 's', session), "");
    return session;
  }

  static bool IsNeed(const Publication& publication) {
    ByteArray<wire::Need::kEncoded> room;
    return Equal(publication.payload, *wire::EncodeNeed(room));
  }

  // ---- What the store has ---------------------------------------------------

  std::int64_t Number(const std::string& sql) {
    auto row = rows_->Prepare(sql);
    EXPECT_TRUE(row.ok() && *row->Step()) << sql;
    return row.ok() ? row->Int(0) : -1;
  }
  std::string Text(const std::string& sql) {
    auto row = rows_->Prepare(sql);
    EXPECT_TRUE(row.ok() && *row->Step()) << sql;
    return row.ok() ? row->Text(0) : "";
  }
  std::int64_t Count(const std::string& table) {
    return Number("SELECT coalesce(max(rowid), 0) FROM " + table);
  }
  std::int64_t Readings(const SimulatedDevice& device) {
    return Number("SELECT count(*) FROM readings WHERE device = '" +
                  device.Id() + "'");
  }
  // All that decides about the device's next messages.
  std::string StateOf(const SimulatedDevice& device) {
    return Text(
        "SELECT group_concat(sc || ':' || state || ':' || hex(wrapped)) FROM "
        "sessions WHERE device = '" +
        device.Id() + "'");
  }

  SimulatedDevice a_{0x31, "anna"}, b_{0x41, "bert"};
  host::fs::path folder_;
  host::State state_;
  registry::Registry registry_;
  std::optional<ServiceKeys> keys_;
  std::optional<Store> store_;
  std::optional<RegistryDirectory> directory_;
  std::optional<host::Database> rows_;
  std::optional<Receiver> receiver_;
  std::uint64_t now_ = kStartMs;
  std::uint64_t ticket_ = 0;
  Answer answer_;

 private:
  static host::fs::path MakeFolder() {
    char pattern[] = "/tmp/cai-ingest-XXXXXX";
    return mkdtemp(pattern);
  }
};

}  // namespace cai::ingest
