#include "lib/cose/hpke.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>
#include <map>
#include <regex>

#include "tests/hex.h"

namespace cai::cose {
namespace {

using testing::FromHex;
using testing::Hex;
using Blob = std::vector<std::byte>;

#define EXPECT_REFUSED(expression, reason)         \
  do {                                             \
    const auto refused = (expression);             \
    ASSERT_FALSE(refused.ok());                    \
    EXPECT_EQ(ErrorName(refused.error()), reason); \
  } while (false)

// ---- messages of our own ----------------------------------------------------

// A key pair whose numbers live as long as this.
struct Pair {
  explicit Pair(crypto::KeyKind kind) {
    // The private numbers come from a scalar that is surely in range.
    d.assign(crypto::FieldSize(kind), std::byte{7});
    d[0] = std::byte{0};
    const auto key = crypto::ImportKey({.kind = kind, .d = d});
    open.numbers = *crypto::ExportPublic(*key, room);
    open.type = crypto::IsWeierstrass(kind) ? Key::Type::kEc2 : Key::Type::kOkp;
    own = open;
    own.numbers.d = d;
  }
  Blob d;
  ByteArray<crypto::kPublicRoom> room;
  Key open, own;
};

Blob Header(HpkeAlgorithm algorithm, Bytes id = {}, Bytes psk_id = {}) {
  Blob out(128);
  HeaderWriter writer(out);
  writer.Algorithm(AlgorithmOf(algorithm));
  if (!id.empty()) writer.Bstr(Label(std::int64_t{4}), id);
  if (!psk_id.empty()) writer.Bstr(kPskId, psk_id);
  out.resize(writer.Finish()->size());
  return out;
}

constexpr std::string_view kText = "hpke test payload";

Result<Blob> RoundTrip0(HpkeAlgorithm algorithm, const Pair& pair,
                        const HpkeInputs& sent, const HpkeInputs& expected) {
  const Blob header = Header(algorithm, {}, sent.psk_id);
  Blob out(512);
  CAI_TRY_ASSIGN(const Bytes made, MakeHpke0({.protected_header = header,
                                              .payload = AsBytes(kText)},
                                             algorithm, pair.open, sent, out));
  CAI_TRY_ASSIGN(const Message message,
                 ParseMessage(made, MessageType::kEncrypt0));
  Blob plain(kText.size());
  CAI_TRY(OpenHpke0(message, algorithm, pair.own, expected, plain));
  return plain;
}

TEST(CoseHpke, EverySuite_OpensWhatItMakes) {
  for (const int number : {35, 37, 39, 41, 42, 43, 44, 45}) {
    const auto algorithm = static_cast<HpkeAlgorithm>(number);
    const Pair pair(hpke::KeyOf(SuiteOf(algorithm).kem));
    const auto plain = RoundTrip0(algorithm, pair, {}, {});
    ASSERT_TRUE(plain.ok()) << number << " " << ErrorName(plain.error());
    EXPECT_EQ(AsText(*plain), kText);
  }
}

TEST(CoseHpke, Inputs_MustBeTheSame) {
  const Pair pair(crypto::KeyKind::kP256), other(crypto::KeyKind::kP384);
  const Blob psk(32, std::byte{9});
  const HpkeInputs aad{.external_aad = AsBytes("a")},
      info{.info = AsBytes("a")}, with_psk{.psk = psk, .psk_id = AsBytes("id")},
      other_id{.psk = psk, .psk_id = AsBytes("ie")};
  const auto run = [&](const HpkeInputs& sent, const HpkeInputs& expected) {
    return RoundTrip0(HpkeAlgorithm::kHpke0, pair, sent, expected);
  };
  EXPECT_TRUE(run(with_psk, with_psk).ok());
  EXPECT_REFUSED(run(aad, {}), "CoseBadTag");
  EXPECT_REFUSED(run(info, {}), "CoseBadTag");
  EXPECT_REFUSED(run(with_psk, {}), "HpkeNoPsk");
  EXPECT_REFUSED(run({}, with_psk), "HpkeNoPsk");
  EXPECT_REFUSED(run(with_psk, other_id), "HpkeNoPsk");
}

struct Encrypt0 : ::testing::Test {
  const Pair pair{crypto::KeyKind::kP256};
  Blob made;
  Encrypt0() {
    const Blob header = Header(HpkeAlgorithm::kHpke0, AsBytes("bob"));
    made.resize(512);
    made.resize(
        MakeHpke0({.protected_header = header, .payload = AsBytes(kText)},
                  HpkeAlgorithm::kHpke0, pair.open, {}, made)
            ->size());
  }
  Result<Blob> Open(const Blob& bytes, const Key& key,
                    HpkeAlgorithm algorithm = HpkeAlgorithm::kHpke0) {
    CAI_TRY_ASSIGN(const Message message,
                   ParseMessage(bytes, MessageType::kEncrypt0));
    Blob plain(kText.size());
    CAI_TRY(OpenHpke0(message, algorithm, key, {}, plain));
    return plain;
  }
};

TEST_F(Encrypt0, Open_RefusesEveryChangedByte) {
  ASSERT_TRUE(Open(made, pair.own).ok());
  for (std::size_t i = 0; i < made.size(); ++i) {
    Blob changed = made;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(Open(changed, pair.own).ok()) << i;
  }
}

TEST_F(Encrypt0, Open_RefusesEveryTruncation) {
  for (std::size_t size = 0; size < made.size(); ++size)
    EXPECT_FALSE(Open(Blob(made.begin(), made.begin() + size), pair.own).ok());
}

TEST_F(Encrypt0, Open_GoesByWhatTheCallerExpects) {
  EXPECT_REFUSED(Open(made, pair.own, HpkeAlgorithm::kHpke7),
                 "CoseWrongAlgorithm");
  EXPECT_REFUSED(Open(made, pair.own, HpkeAlgorithm::kHpke0Ke),
                 "CoseWrongAlgorithm");
  Key named = pair.own;
  named.id = AsBytes("alice");
  EXPECT_REFUSED(Open(made, named), "CoseWrongKeyId");
  named.id = AsBytes("bob");
  EXPECT_TRUE(Open(made, named).ok());
  named.algorithm = AlgorithmOf(HpkeAlgorithm::kHpke7);
  EXPECT_FALSE(Open(made, named).ok());
}

TEST(CoseHpke, Make_RefusesTheOtherModesNumbers) {
  const Pair pair(crypto::KeyKind::kP256);
  Blob out(512);
  const Blob ke = Header(HpkeAlgorithm::kHpke0Ke);
  EXPECT_REFUSED(MakeHpke0({.protected_header = ke}, HpkeAlgorithm::kHpke0Ke,
                           pair.open, {}, out),
                 "CoseWrongAlgorithm");
  EXPECT_REFUSED(MakeHpke0({.protected_header = ke}, HpkeAlgorithm::kHpke0,
                           pair.open, {}, out),
                 "CoseWrongAlgorithm");
  const Blob header = Header(HpkeAlgorithm::kHpke0);
  EXPECT_REFUSED(MakeHpke0({.protected_header = header}, HpkeAlgorithm::kHpke0,
                           pair.open, {}, MutableBytes(out).first(80)),
                 "CoseNoRoom");
}

// ---- key encryption ---------------------------------------------------------

TEST(CoseHpke, Recipients_AreFoundByAlgorithmAndKeyId) {
  const Pair bob(crypto::KeyKind::kP256), carol(crypto::KeyKind::kX25519);
  const Blob bobs = Header(HpkeAlgorithm::kHpke0Ke, AsBytes("bob")),
             carols = Header(HpkeAlgorithm::kHpke3Ke, AsBytes("carol"));
  const Blob cek(16, std::byte{0x42});
  Blob first(256), second(256), recipients(600);
  const auto a128gcm = Algorithm::kA128Gcm;
  const HpkeRecipient to_carol{HpkeAlgorithm::kHpke3Ke, &carol.open, carols},
      to_bob{HpkeAlgorithm::kHpke0Ke, &bob.open, bobs};
  const Bytes one = *MakeHpkeRecipient(to_carol, a128gcm, cek, {}, first);
  const Bytes two = *MakeHpkeRecipient(to_bob, a128gcm, cek, {}, second);
  cbor::Writer writer(recipients);
  writer.Array(2);
  writer.Raw(one);
  writer.Raw(two);
  recipients.resize(writer.size());
  const Blob header = FromHex("a10101"),
             open = FromHex("a1054c" + Hex(Blob(12)));
  Blob out(1024);
  const Bytes made = *MakeEncrypt({.protected_header = header,
                                   .unprotected = open,
                                   .payload = AsBytes(kText)},
                                  a128gcm, {.k = cek}, recipients, out);

  const auto open_as = [&](HpkeAlgorithm algorithm, Key key,
                           std::string_view id) -> Result<Blob> {
    key.id = AsBytes(id);
    CAI_TRY_ASSIGN(const Message message,
                   ParseMessage(made, MessageType::kEncrypt));
    CAI_TRY_ASSIGN(const ContentKey found,
                   FindHpkeContentKey(message, a128gcm, algorithm, key, {}));
    Blob plain(kText.size());
    CAI_TRY(OpenEncrypted(message, found.key(), {.algorithm = a128gcm}, plain));
    return plain;
  };
  EXPECT_EQ(AsText(*open_as(HpkeAlgorithm::kHpke0Ke, bob.own, "bob")), kText);
  EXPECT_EQ(AsText(*open_as(HpkeAlgorithm::kHpke3Ke, carol.own, "carol")),
            kText);
  EXPECT_REFUSED(open_as(HpkeAlgorithm::kHpke0Ke, bob.own, "carol"),
                 "CoseNoRecipient");
  EXPECT_REFUSED(open_as(HpkeAlgorithm::kHpke7Ke, bob.own, "bob"),
                 "CoseNoRecipient");
}

// A content key is bound to the body's algorithm (the CEK-HKDF attack).
TEST(CoseHpke, Recipient_IsBoundToTheBodysAlgorithm) {
  const Pair bob(crypto::KeyKind::kP256);
  const Blob header = Header(HpkeAlgorithm::kHpke0Ke);
  const Blob cek(16);
  Blob room(256);
  const Bytes recipient =
      *MakeHpkeRecipient({HpkeAlgorithm::kHpke0Ke, &bob.open, header},
                         Algorithm::kA128Gcm, cek, {}, room);
  // The same recipient under a body of AES-CCM-16-64-128 (10).
  const Blob message = FromHex(
      "d8608443a1010aa05000000000000000000000000000000000"
      "81" +
      Hex(recipient));
  const auto parsed = ParseMessage(message, MessageType::kEncrypt);
  ASSERT_TRUE(parsed.ok());
  EXPECT_REFUSED(FindHpkeContentKey(*parsed, static_cast<Algorithm>(10),
                                    HpkeAlgorithm::kHpke0Ke, bob.own, {}),
                 "CoseBadTag");
  EXPECT_REFUSED(FindHpkeContentKey(*parsed, Algorithm::kA128Gcm,
                                    HpkeAlgorithm::kHpke0Ke, bob.own, {}),
                 "CoseWrongAlgorithm");
}

// ---- the draft's vectors ----------------------------------------------------

struct Vector {
  std::string algorithm;  // "HPKE-0-KE"
  std::string what;       // "KE+PSK with external aad, ..."
  Blob key, message;
  bool key_encryption() const { return algorithm.ends_with("-KE"); }
  bool Has(const char* words) const {
    return what.find(words) != std::string::npos;
  }
};

constexpr const char* kPath = "../shared/vectors/cose-hpke/testvectors.txt";

std::vector<Vector> ReadVectors() {
  std::vector<Vector> out;
  std::ifstream file(kPath);
  const std::regex key_line(R"((HPKE-\d+(?:-KE)?) COSE_Key:{1,2} ([0-9a-f]+))");
  const std::regex case_line(R"((HPKE-\d+(?:-KE)?) (.*with .*))");
  Vector next;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, key_line)) {
      next.key = FromHex(match[2].str());
    } else if (std::regex_match(line, match, case_line)) {
      next.algorithm = match[1].str();
      next.what = match[2].str();
    } else if (line.starts_with("Ciphertext: ")) {
      next.message = FromHex(line.substr(12));
      out.push_back(next);
    }
  }
  return out;
}

HpkeInputs InputsOf(const Vector& vector, const Blob& psk) {
  HpkeInputs inputs;
  if (vector.Has("external aad")) inputs.external_aad = AsBytes("external-aad");
  if (vector.Has("external info")) inputs.info = AsBytes("external-info");
  if (vector.Has("external hpke aad"))
    inputs.aad = AsBytes("external-hpke-aad");
  if (!vector.Has("+PSK")) return inputs;
  inputs.psk = psk;
  inputs.psk_id = AsBytes("Ennyn Durin aran Moria");
  return inputs;
}

Result<Blob> OpenIntegrated(const Vector& vector, const Key& key,
                            const HpkeInputs& inputs) {
  CAI_TRY_ASSIGN(const Message message,
                 ParseMessage(vector.message, MessageType::kEncrypt0));
  Blob plain(kText.size());
  CAI_TRY(OpenHpke0(message, static_cast<HpkeAlgorithm>(*key.algorithm), key,
                    inputs, plain));
  return plain;
}

// The bodies of the vectors have IVs as long as the key, where RFC 9053, 4.1
// has 12 and our library no other: OpenSSL opens them.
Result<Blob> OpenBody(const Message& message, Bytes cek, Bytes aad) {
  CAI_TRY_ASSIGN(const auto iv, message.headers.Bstr(Header::kIv));
  const char* const name = cek.size() == 16 ? "AES-128-GCM" : "AES-256-GCM";
  const Bytes sealed = *message.content;
  Blob out(sealed.size() - 16), tag(sealed.end() - 16, sealed.end());
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  int size = 0;
  const bool good =
      EVP_DecryptInit_ex2(context, cipher, nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(iv->size()), nullptr) == 1 &&
      EVP_DecryptInit_ex2(context, nullptr, AsU8(cek), AsU8(*iv), nullptr) ==
          1 &&
      EVP_DecryptUpdate(context, nullptr, &size, AsU8(aad),
                        static_cast<int>(aad.size())) == 1 &&
      EVP_DecryptUpdate(context, AsU8(MutableBytes(out)), &size, AsU8(sealed),
                        static_cast<int>(out.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag.data()) ==
          1 &&
      EVP_DecryptFinal_ex(context, nullptr, &size) == 1;
  EVP_CIPHER_free(cipher);
  EVP_CIPHER_CTX_free(context);
  if (!good) return Error::kCoseBadTag;
  return out;
}

Blob Joined(crypto::Parts parts) {
  Blob out;
  for (const Bytes part : parts)
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

Result<Blob> OpenKeyEncryption(const Vector& vector, const Key& key,
                               const HpkeInputs& inputs) {
  CAI_TRY_ASSIGN(const Message message,
                 ParseMessage(vector.message, MessageType::kEncrypt));
  cbor::Reader reader(message.headers.Find(Header::kAlgorithm)->value);
  CAI_TRY_ASSIGN(const std::int64_t number, reader.Int());
  const auto content = static_cast<Algorithm>(number);
  CAI_TRY_ASSIGN(const ContentKey cek,
                 FindHpkeContentKey(message, content,
                                    static_cast<HpkeAlgorithm>(*key.algorithm),
                                    key, inputs));
  const EncStructure aad(MessageType::kEncrypt,
                         message.headers.protected_header(),
                         inputs.external_aad);
  CAI_TRY_ASSIGN(const auto iv, message.headers.Bstr(Header::kIv));
  if (iv->size() != 12)
    return OpenBody(message, cek.bytes(), Joined(aad.parts()));
  Blob plain(kText.size());
  CAI_TRY(OpenEncrypted(
      message, cek.key(),
      {.algorithm = content, .external_aad = inputs.external_aad}, plain));
  return plain;
}

Result<Blob> OpenVector(const Vector& vector, const HpkeInputs& inputs) {
  CAI_TRY_ASSIGN(const Key key, ParseKey(vector.key));
  return vector.key_encryption() ? OpenKeyEncryption(vector, key, inputs)
                                 : OpenIntegrated(vector, key, inputs);
}

TEST(CoseHpke, Vectors_OfTheDraftOpen) {
  const auto vectors = ReadVectors();
  if (vectors.empty()) GTEST_SKIP() << "no " << kPath;
  const Blob psk = FromHex(
      "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82");
  std::map<std::string, std::pair<int, int>> table;
  for (const Vector& vector : vectors) {
    const HpkeInputs inputs = InputsOf(vector, psk);
    const auto plain = OpenVector(vector, inputs);
    const std::string row =
        vector.algorithm + (vector.Has("+PSK") ? " with PSK" : "");
    ++table[row].second;
    if (plain.ok() && AsText(*plain) == kText) ++table[row].first;
    EXPECT_TRUE(plain.ok()) << vector.algorithm << " " << vector.what << ": "
                            << ErrorName(plain.ok() ? Error{} : plain.error());
    // The same with one input changed must not open.
    HpkeInputs wrong = inputs;
    wrong.info = AsBytes("another");
    EXPECT_FALSE(OpenVector(vector, wrong).ok()) << vector.what;
  }
  for (const auto& [row, count] : table)
    std::printf("%-20s %d of %d\n", row.c_str(), count.first, count.second);
  EXPECT_EQ(vectors.size(), 192u);
}

}  // namespace
}  // namespace cai::cose
