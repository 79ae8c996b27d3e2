// A device and a service of fixed values, the same as testdata/make.py's, from
// which tests make tokens that are wrong by one thing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"
#include "lib/eat/build.h"
#include "lib/eat/verify.h"

namespace cai::eat {

template <std::size_t N>
ByteArray<N> Filled(int value) {
  ByteArray<N> out;
  out.fill(std::byte(value));
  return out;
}

// A key whose scalar is 32 times this byte.
class TestKey {
 public:
  explicit TestKey(int byte)
      : key_(*crypto::ImportScalar(Filled<32>(byte))),
        public_(*crypto::PublicKey(key_)) {}
  ~TestKey() { crypto::Release(key_); }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  crypto::P256Private get() const { return key_; }
  const crypto::P256Public& public_key() const { return public_; }

 private:
  crypto::P256Private key_;
  crypto::P256Public public_;
};

class TestDevice {
 public:
  using Token = std::vector<std::byte>;
  template <typename Claims>
  using Alter = std::function<void(Claims&)>;

  explicit TestDevice(int iak_byte = 0x11, int cose_sign_byte = 0x22)
      : iak(iak_byte), cose_sign(cose_sign_byte) {
    ueid[0] = std::byte{1};
    for (std::size_t i = 1; i < ueid.size(); ++i) ueid[i] = std::byte(i - 1);
  }

  PlatformClaims MakePlatform(std::int32_t client_id) const {
    PlatformClaims claims;
    claims.nonce = nonce;
    claims.ueid = ueid;
    claims.boot_seed = boot_seed;
    claims.client_id = client_id;
    claims.lifecycle = 0x3000;
    claims.implementation_id = implementation;
    claims.components[0] = {"SPE", spe, "1.2.3+4", signer};
    claims.components[1] = {"NSPE", nspe, "0.9.0", signer};
    claims.component_count = 2;
    return claims;
  }

  AiClaims MakeAi(Bytes platform) const {
    AiClaims claims;
    claims.service = service;
    claims.confirmation = cose_sign.public_key();
    claims.nonce = nonce;
    claims.ueid = ueid;
    claims.uptime_s = 90;
    claims.boot_count = 7;
    claims.boot_seed = boot_seed;
    claims.platform = platform;
    claims.components[0] = {"cai-nn", "1.0.0", engine};
    claims.components[1] = {"sine", "3", sine};
    claims.components[2] = {"anomaly", "12", anomaly};
    claims.component_count = 3;
    return claims;
  }

  KeyClaims MakeKey(Bytes platform) const {
    KeyClaims claims;
    claims.confirmation = cose_sign.public_key();
    claims.nonce = nonce;
    claims.ueid = ueid;
    claims.platform = platform;
    claims.request_digest = request;
    claims.purpose = kPurposeCoseSign;
    return claims;
  }

  Token SignedBy(const TestKey& key, const Result<Draft>& draft) const {
    const auto token = Sign(*draft, key.get());
    return {token->begin(), token->end()};
  }

  Token PlatformToken(std::int32_t client_id = kAttestClientId,
                      const Alter<PlatformClaims>& alter = {}) const {
    PlatformClaims claims = MakePlatform(client_id);
    if (alter) alter(claims);
    ByteArray<kMaxPlatformToken> buffer;
    return SignedBy(iak, DraftPlatformToken(claims, buffer));
  }

  Token AiToken(const Alter<AiClaims>& alter = {},
                const Alter<PlatformClaims>& nested = {}) const {
    const Token platform = PlatformToken(kAttestClientId, nested);
    AiClaims claims = MakeAi(platform);
    if (alter) alter(claims);
    ByteArray<kMaxAiToken> buffer;
    return SignedBy(iak, DraftAiToken(claims, buffer));
  }

  Token KeyToken(const Alter<KeyClaims>& alter = {},
                 const Alter<PlatformClaims>& nested = {}) const {
    const Token platform = PlatformToken(kAttestClientId, nested);
    KeyClaims claims = MakeKey(platform);
    if (alter) alter(claims);
    ByteArray<kMaxKeyToken> buffer;
    return SignedBy(iak, DraftKeyToken(claims, buffer));
  }

  Endorsement Endorsed() const {
    return {ueid, iak.public_key(), implementation};
  }

  AiExpectations ExpectAi() const {
    AiExpectations expected;
    expected.device = Endorsed();
    expected.nonce = NonceEntry{nonce, false, std::nullopt};
    expected.service = service;
    expected.boot_count = 7;
    expected.confirmation = cose_sign.public_key();
    expected.references = {firmware, engines, models};
    return expected;
  }

  KeyExpectations ExpectKey() const {
    KeyExpectations expected;
    expected.device = Endorsed();
    expected.nonce = NonceEntry{nonce, false, std::nullopt};
    expected.request_digest = request;
    expected.confirmation = cose_sign.public_key();
    expected.purpose = kPurposeCoseSign;
    expected.references = {firmware, engines, models};
    return expected;
  }

  static crypto::Digest Hash(std::string_view text) {
    return crypto::Sha256::Of(AsBytes(text));
  }

  const TestKey iak, cose_sign, other{0x55};
  ByteArray<kUeidSize> ueid{};
  ByteArray<32> nonce = Filled<32>(0x22), boot_seed = Filled<32>(0x33);
  ByteArray<32> implementation = Filled<32>(0x44);
  ByteArray<8> service{std::byte{'s'}, std::byte{'v'}, std::byte{'c'},
                       std::byte{'-'}, std::byte{'0'}, std::byte{'0'},
                       std::byte{'0'}, std::byte{'1'}};
  crypto::Digest spe = Hash("spe"), nspe = Hash("nspe");
  crypto::Digest signer = Hash("signer"), engine = Hash("engine");
  crypto::Digest sine = Hash("sine"), anomaly = Hash("anomaly");
  crypto::Digest request = Hash("request info");
  std::vector<FirmwareReference> firmware = {{"SPE", spe, signer},
                                             {"NSPE", nspe, signer}};
  std::vector<crypto::Digest> engines = {engine};
  std::vector<crypto::Digest> models = {sine, anomaly};
};

}  // namespace cai::eat
