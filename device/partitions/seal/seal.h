// The logic of the seal partition (protocol.md, 1.2 to 1.6 and 1.8, the
// device's side): which service it seals to, when a session begins and ends,
// and what may be sealed. It takes results from infer alone; NS can ask for the
// next message and hand over what the service said, no more.
#pragma once

#include <optional>

#include "device/partitions/seal/limits.h"
#include "device/partitions/seal/peers.h"
#include "device/spm/partition.h"
#include "lib/wire/configuration.h"
#include "lib/wire/downlink.h"
#include "lib/wire/sealed.h"
#include "lib/wire/service_key.h"

namespace cai::seal {

constexpr std::uint64_t kMaxSessionMs = 24ull * 3600 * 1000;
constexpr std::uint64_t kMinSessionMs = 60'000;  // but after boot, new models
                                                 // and a challenge
constexpr std::uint32_t kMaxSessions = 256;      // of one boot
constexpr std::size_t kMaxStopped = 4;

class Seal {
 public:
  // Takes boot data and the hedge key. Succeeds without a boot count too: then
  // every operation is refused with kSealDisabled.
  Status Start(crypto::P256Private cose_sign);

  // Accepts a svc-key under a root of OTP, for our svc, of a generation at or
  // above the floor, which then rises to it.
  Status TakeServiceKey(Bytes message);

  // A challenge or a command.
  Status TakeDownlink(Bytes message);

  struct Next {
    spm::SealKind kind = spm::SealKind::kNothing;
    std::uint32_t wait_ms = 0;
    Bytes message;
  };
  // `out` needs wire::kMaxSession bytes.
  Result<Next> Pull(MutableBytes out);

  Result<Bytes> Describe(MutableBytes out) const;

 private:
  struct Session {
    std::uint32_t measure_gen = 0;
    std::uint64_t generation = 0;
    std::uint64_t counter = 0;
    std::uint64_t first = 0;
    std::uint64_t started_ms = 0;
    wire::Suite suite = wire::Suite::kChaCha20Poly1305;
    std::size_t padded = wire::kMaxPlain;  // length of every plaintext
  };
  struct HeldToken {
    std::size_t size = 0;  // in token_
    crypto::Digest id{};
    ByteArray<32> nonce{};
    std::uint32_t measure_gen = 0;
    std::uint64_t made_ms = 0;
  };
  using Reason = wire::Close::Reason;

  Status Ready();
  Status Configure();

  Result<Next> Begin(std::uint64_t now, MutableBytes out);
  bool HasToken(std::uint64_t now) const;
  std::uint64_t SessionWait(std::uint64_t now) const;
  Status RenewToken(std::uint64_t now);
  Result<wire::Suite> ChooseSuite() const;
  Result<Next> OpenSession(std::uint64_t now, MutableBytes out);
  void Opened(const wire::SessionHeader& header, std::uint64_t now);

  Result<Next> Continue(std::uint64_t now, MutableBytes out);
  void Watch(std::uint64_t now);
  bool MayEnd(std::uint64_t now) const;
  Result<Next> End(MutableBytes out);
  void Renew(Reason reason);
  Result<Next> Sample(std::uint64_t now, MutableBytes out);
  bool MayUse(const infer::InferenceResult& result);
  bool Stopped(std::uint16_t model_index) const;
  Result<Next> SealPlain(const wire::Plain& plain, MutableBytes out);

  Status TakeChallenge(Bytes message);
  Status TakeCommand(Bytes message);
  Status Obey(const wire::Command& command);
  Status StopModel(const crypto::Digest& model);
  void AllowModel(const crypto::Digest& model);

  bool enabled_ = false;
  spm::BootData boot_{};
  crypto::P256Private cose_sign_{};
  crypto::P256Public confirmation_;  // its public half
  Secret<32> hedge_;

  std::optional<peers::Configured> configured_;
  std::optional<wire::ServiceKey> service_key_;

  ChallengeBucket bucket_;
  std::optional<ByteArray<32>> nonce_;  // for the next token
  std::optional<HeldToken> held_;

  LifetimeNumbers numbers_;
  wire::Sealer sealer_;
  Session session_;
  std::uint32_t sessions_ = 0;  // of this boot: the next index
  std::optional<Reason> renew_;
  bool at_once_ = true;  // the next session need not wait

  peers::Models models_;
  bool models_known_ = false;
  std::array<crypto::Digest, kMaxStopped> stopped_{};
  std::size_t stopped_count_ = 0;
  std::uint64_t last_command_ = 0;
  bool state_asked_ = false;

  std::uint64_t next_sample_ms_ = 0;
  std::uint32_t dropped_ = 0;   // results that were not sealed
  std::uint32_t failures_ = 0;  // of infer
  bool failing_ = false;

  // The configuration, once; then the token.
  ByteArray<std::max(wire::Configuration::kMaxPayload, wire::kMaxToken)>
      work_{};
};

}  // namespace cai::seal
