// lib/keys and lib/wire over the device's own primitives, against the vectors
// of the second implementation: every derivation that is symmetric. Those of
// P-256 go through the crypto partition and are tested by psa_test.
#include "device/tests/ns/tap.h"
#include "lib/cose/encrypt.h"
#include "lib/keys/keys.h"
#include "lib/wire/sealed.h"

extern "C" const char cai_vectors_begin[], cai_vectors_end[];

namespace cai::test {
namespace {

using wire::Suite;

// The hexadecimal text behind "name = "; empty if there is none.
std::string_view Vector(std::string_view name) {
  std::string_view all(
      cai_vectors_begin,
      static_cast<std::size_t>(cai_vectors_end - cai_vectors_begin));
  while (!all.empty()) {
    const std::string_view line = all.substr(0, all.find('\n'));
    all.remove_prefix(std::min(all.size(), line.size() + 1));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(" = "))
      return line.substr(name.size() + 3);
  }
  return {};
}

int Digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

Bytes Load(std::string_view name, MutableBytes out) {
  const std::string_view hex = Vector(name);
  if (hex.empty() || hex.size() / 2 > out.size()) return {};
  for (std::size_t i = 0; i < hex.size() / 2; ++i)
    out[i] = std::byte(Digit(hex[2 * i]) << 4 | Digit(hex[2 * i + 1]));
  return out.first(hex.size() / 2);
}

bool Is(Bytes bytes, std::string_view name) {
  ByteArray<256> room;
  const Bytes expected = Load(name, room);
  return !expected.empty() && Equal(bytes, expected);
}

// "session 24 chain"
class Name {
 public:
  Name(std::string_view a, std::uint32_t number, std::string_view b) {
    Add(a);
    Add(number);
    Add(b);
  }
  Name(std::string_view a, std::uint32_t number, std::string_view b,
       std::uint32_t second)
      : Name(a, number, b) {
    Add(second);
  }
  operator std::string_view() const { return {text_, size_}; }

 private:
  void Add(std::string_view text) {
    for (const char c : text)
      if (size_ < sizeof text_) text_[size_++] = c;
  }
  void Add(std::uint32_t number) {
    char digits[10];
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) Add(std::string_view(&digits[--count], 1));
  }
  char text_[40];
  std::size_t size_ = 0;
};

constexpr Suite kSuites[] = {Suite::kChaCha20Poly1305, Suite::kAes128Gcm};

wire::SessionKeys KeysOf(Suite suite) {
  wire::SessionKeys keys;
  const auto number = static_cast<std::uint32_t>(suite);
  Load(Name("session ", number, " id"), keys.id);
  Load(Name("session ", number, " chain"), keys.chain.mutable_bytes());
  return keys;
}

CAI_DEVICE_TEST(Wire, SymmetricDerivations_MatchTheVectors) {
  ByteArray<32> huk, root, key;
  Load("huk", huk);
  keys::SpeRoot(huk, keys::LifecycleClass(0x4000), 1, root);
  EXPECT(Is(root, "spe_root_debug"));
  keys::SpeRoot(huk, keys::LifecycleClass(0x3000), 2, root);
  EXPECT(Is(root, "spe_root_gen2"));
  keys::SpeRoot(huk, keys::LifecycleClass(0x3000), 1, root);
  EXPECT(Is(root, "spe_root"));
  EXPECT(Is(keys::Uuid(huk), "uuid"));
  EXPECT(Is(keys::Ueid(huk), "ueid"));

  constexpr std::pair<std::string_view, std::string_view> kScalars[] = {
      {keys::kTlsClient, "scalar tls-client"},
      {keys::kCoseSign, "scalar cose-sign"},
      {keys::kIak, "scalar iak"},
      {keys::kModelKek, "scalar model-kek"}};
  for (const auto& [label, name] : kScalars) {
    EXPECT(keys::Scalar(root, label, 1, key).ok());
    EXPECT(Is(key, name));
  }
  constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
      {keys::kStorage, "key storage"},
      {keys::kSealHedge, "key seal-hedge"},
      {keys::kDrbg, "key drbg"}};
  for (const auto& [label, name] : kKeys) {
    keys::Expand(root, label, 1, key);
    EXPECT(Is(key, name));
  }
}

// From the draw to CK_0, and from the shared point to the wrapping key.
CAI_DEVICE_TEST(Wire, SessionDerivations_MatchTheVectors) {
  for (const Suite suite : kSuites) {
    const auto number = static_cast<std::uint32_t>(suite);
    ByteArray<32> draw, hedge, id, prk, secret, chain, shared;
    Load("draw", draw);
    Load("key seal-hedge", hedge);
    Load(Name("session ", number, " id"), id);
    crypto::HkdfExtract(id, {draw, hedge}, prk);
    keys::Expand(prk, "ss", Bytes(id), secret);
    crypto::HkdfExtract(id, {secret}, chain);
    EXPECT(Is(chain, Name("session ", number, " chain")));

    ByteArray<33> ueid;
    ByteArray<64> service;
    ByteArray<16> receiver, kek;
    Load("ueid", ueid);
    Load("service enc public", service);
    Load("svc", receiver);
    const crypto::Digest kid = crypto::Sha256::Of(service);
    CopyInto(MutableBytes(receiver).subspan(8), Bytes(kid).first(8));
    Load(Name("session ", number, " shared"), shared);
    EXPECT(cose::DeriveKek(shared, {ueid, receiver, id}, kek).ok());
    EXPECT(Is(kek, Name("session ", number, " kek")));
  }
}

CAI_DEVICE_TEST(Wire, Schedule_MatchesTheVectors) {
  for (const Suite suite : kSuites) {
    const auto number = static_cast<std::uint32_t>(suite);
    wire::ChainKey chain = std::move(KeysOf(suite).chain);
    std::uint32_t epoch = 0;
    for (const std::uint32_t sequence : {0, 1, 255, 256, 1023, 70000}) {
      while (epoch < wire::EpochOf(sequence)) wire::Ratchet(chain, epoch++);
      wire::EpochKeys keys;
      wire::DeriveEpoch(chain, epoch, suite, keys);
      const std::size_t size = crypto::KeySize(wire::AeadOf(suite));
      EXPECT(Is(Bytes(keys.key.bytes()).first(size),
                Name("key ", number, " ", sequence)));
      EXPECT(Is(wire::NonceOf(keys.iv.bytes(), sequence),
                Name("nonce ", number, " ", sequence)));
    }
  }
}

CAI_DEVICE_TEST(Wire, SealedMessages_MatchTheVectors) {
  for (const Suite suite : kSuites) {
    wire::Sealer sealer;
    sealer.Open(suite, 0x2c02, KeysOf(suite));
    for (const std::uint32_t sequence : {0, 1, 255, 256, 1023}) {
      ByteArray<wire::kMaxSealed> out;
      while (sealer.next() < sequence) (void)sealer.Seal({}, out);
      ByteArray<wire::kMaxPlain> room;
      const auto sealed =
          sealer.Seal(Load(Name("plain ", sequence, ""), room), out);
      EXPECT(sealed.ok());
      EXPECT(sealed.ok() &&
             Is(*sealed, Name("sealed ", static_cast<std::uint32_t>(suite), " ",
                              sequence)));
    }
  }
}

}  // namespace
}  // namespace cai::test
