#include "tests/cose/example.h"

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "tests/hex.h"

namespace cai::cose::examples {
namespace {

std::string String(const Json& value) { return std::string(value.as_string()); }

Blob FromBase64Url(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Blob out;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    bits = bits << 6 | static_cast<unsigned>(kDigits.find(c));
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(std::byte(bits >> have & 0xff));
  }
  return out;
}

const Object* Find(const Object& from, const char* name) {
  const Json* const found = from.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

// The first of the objects that has it.
const Json* Pick(const Object& from, std::initializer_list<const char*> places,
                 const char* name) {
  for (const char* place : places)
    if (const Object* const object = Find(from, place))
      if (const Json* const value = object->if_contains(name)) return value;
  return nullptr;
}

// The key under the id that the message gives it: some examples use a key of
// another id. Those with certificates write theirs as text, against RFC 9052,
// 3.1, so there no id is asked for.
Key KeyAsNamed(const Object& from, Keeper& keeper) {
  Key key = keeper.ReadKey(from.at("key").as_object());
  key.id.reset();
  const Object* const sent = Find(from, "unprotected");
  if (sent != nullptr && !sent->contains("x5bag"))
    key.id = keeper.Field(*sent, "kid");
  return key;
}

Countersigners ReadCountersigners(const Object& from, Keeper& keeper) {
  Countersigners out;
  if (const Object* const full = Find(from, "countersign"))
    for (const Json& one : full->at("signers").as_array()) {
      const Object& signer = one.as_object();
      out.full.push_back(
          {KeyAsNamed(signer, keeper),
           AlgorithmNamed(String(*Pick(signer, {"protected"}, "alg")))});
    }
  if (const Object* const abbreviated = Find(from, "countersign0"))
    for (const Json& one : abbreviated->at("signers").as_array()) {
      const Object& signer = one.as_object();
      out.abbreviated.push_back(
          {keeper.ReadKey(signer.at("key").as_object()),
           AlgorithmNamed(String(*Pick(signer, {"unsent"}, "alg")))});
    }
  return out;
}

ExampleSigner ReadSigner(const Object& from, Keeper& keeper) {
  ExampleSigner signer{
      .key = KeyAsNamed(from, keeper),
      .algorithm = AlgorithmNamed(
          String(*Pick(from, {"protected", "unprotected"}, "alg"))),
      .external_aad = keeper.Field(from, "external").value_or(Bytes()),
      .countersigners = ReadCountersigners(from, keeper),
      .raw = from};
  return signer;
}

Party ReadParty(const Object& from, const std::string& prefix, Keeper& keeper) {
  Party party;
  for (const char* place : {"unprotected", "unsent"}) {
    const Object* const fields = Find(from, place);
    if (fields == nullptr) continue;
    if (const auto id = keeper.Field(*fields, prefix + "_id"))
      party.identity = id;
    if (const auto nonce = keeper.Field(*fields, prefix + "_nonce"))
      party.nonce = nonce;
    if (const auto other = keeper.Field(*fields, prefix + "_other"))
      party.other = other;
  }
  return party;
}

ExampleRecipient ReadRecipient(const Object& from, Keeper& keeper) {
  ExampleRecipient out;
  if (const Json* const inner = from.if_contains("recipients"))
    out = ReadRecipient(inner->as_array().at(0).as_object(), keeper);
  else
    out.key = KeyAsNamed(from, keeper);
  const Json* const alg = Pick(from, {"protected", "unprotected"}, "alg");
  out.algorithms.insert(out.algorithms.begin(), AlgorithmNamed(String(*alg)));
  if (const Object* const sender = Find(from, "sender_key"))
    out.sender = keeper.ReadKey(*sender);
  out.kdf.u = ReadParty(from, "apu", keeper);
  out.kdf.v = ReadParty(from, "apv", keeper);
  if (const Object* const unsent = Find(from, "unsent")) {
    out.kdf.public_other = keeper.Field(*unsent, "pub_other");
    out.kdf.private_other = keeper.Field(*unsent, "priv_other");
  }
  if (const Object* const sent = Find(from, "unprotected"))
    out.salt = keeper.Field(*sent, "salt");
  out.countersigners = ReadCountersigners(from, keeper);
  return out;
}

struct Kind {
  const char* name;
  MessageType type;
};
constexpr Kind kKinds[] = {
    {"sign0", MessageType::kSign1},        {"sign", MessageType::kSign},
    {"encrypted", MessageType::kEncrypt0}, {"enveloped", MessageType::kEncrypt},
    {"mac0", MessageType::kMac0},          {"mac", MessageType::kMac}};

bool HasFailure(const Object& input, const Object& body, const char* name) {
  for (const Object* from : {&input, &body})
    if (const Object* const failures = Find(*from, "failures"))
      if (failures->contains(name)) return true;
  return false;
}

void ReadBody(const Object& input, const Object& body, Keeper& keeper,
              Example& out) {
  const Json* alg = Pick(body, {"protected"}, "alg");
  out.unprotected_algorithm =
      alg == nullptr && Pick(body, {"unprotected"}, "alg") != nullptr;
  if (alg == nullptr) alg = Pick(body, {"unprotected"}, "alg");
  if (alg == nullptr) alg = body.if_contains("alg");
  if (alg != nullptr) out.algorithm = AlgorithmNamed(String(*alg));
  out.external_aad = keeper.Field(body, "external").value_or(Bytes());
  if (HasFailure(input, body, "RemoveCBORTag"))
    out.tagging = Tagging::kUntagged;
  if (const Json* const iv = Pick(body, {"unsent"}, "IV_hex"))
    out.full_iv = keeper.Hex(*iv);
  out.countersigners = ReadCountersigners(body, keeper);
  if (out.type == MessageType::kSign1)
    out.signers.push_back({.key = keeper.ReadKey(body.at("key").as_object()),
                           .algorithm = out.algorithm,
                           .external_aad = out.external_aad,
                           .countersigners = {},
                           .raw = body});
  if (const Json* const signers = body.if_contains("signers"))
    for (const Json& signer : signers->as_array())
      out.signers.push_back(ReadSigner(signer.as_object(), keeper));
  if (const Json* const recipients = body.if_contains("recipients"))
    for (const Json& recipient : recipients->as_array())
      out.recipients.push_back(ReadRecipient(recipient.as_object(), keeper));
}

}  // namespace

Bytes Keeper::Text(const Json& value) {
  const Bytes text = AsBytes(std::string_view(value.as_string()));
  return Keep(Blob(text.begin(), text.end()));
}

Bytes Keeper::Hex(const Json& value) {
  return Keep(testing::FromHex(value.as_string()));
}

Bytes Keeper::Number(const Object& key, const std::string& name) {
  if (const Json* const hex = key.if_contains(name + "_hex")) return Hex(*hex);
  if (const Json* const text = key.if_contains(name))
    return Keep(FromBase64Url(text->as_string()));
  return {};
}

std::optional<Bytes> Keeper::Field(const Object& from,
                                   const std::string& name) {
  if (const Json* const hex = from.if_contains(name + "_hex")) return Hex(*hex);
  if (const Json* const text = from.if_contains(name))
    return name == "external" ? Hex(*text) : Text(*text);
  return std::nullopt;
}

Key Keeper::ReadKey(const Object& from) {
  static const std::map<std::string, crypto::KeyKind> kCurves = {
      {"P-256", crypto::KeyKind::kP256}, {"P-384", crypto::KeyKind::kP384},
      {"P-521", crypto::KeyKind::kP521}, {"X25519", crypto::KeyKind::kX25519},
      {"X448", crypto::KeyKind::kX448},  {"Ed25519", crypto::KeyKind::kEd25519},
      {"Ed448", crypto::KeyKind::kEd448}};
  Key key;
  key.id = Field(from, "kid");
  const std::string type = String(from.at("kty"));
  if (type == "oct") {
    key.k = Number(from, "k");
  } else if (type == "EC" || type == "EC2" || type == "OKP") {
    key.type = type == "OKP" ? Key::Type::kOkp : Key::Type::kEc2;
    key.numbers = {.kind = kCurves.at(String(from.at("crv"))),
                   .x = Number(from, "x"),
                   .y = Number(from, "y"),
                   .d = Number(from, "d")};
  } else if (type == "RSA") {
    key.type = Key::Type::kRsa;
    key.numbers = {.kind = crypto::KeyKind::kRsa,
                   .n = Number(from, "n"),
                   .e = Number(from, "e"),
                   .rsa_d = Number(from, "d"),
                   .p = Number(from, "p"),
                   .q = Number(from, "q"),
                   .dp = Number(from, "dP"),
                   .dq = Number(from, "dQ"),
                   .qi = Number(from, "qi")};
  } else if (type != "HSS-LMS") {
    throw std::runtime_error("unknown kty " + type);
  }
  return key;
}

Algorithm AlgorithmNamed(const std::string& name) {
  using enum Algorithm;
  static const std::map<std::string, Algorithm> kNames = {
      {"ES256", kEs256},
      {"ES384", kEs384},
      {"ES512", kEs512},
      {"EdDSA", kEdDsa},
      {"HSS-LMS", kHssLms},
      {"RSA-PSS-256", kPs256},
      {"RSA-PSS-384", kPs384},
      {"RSA-PSS-512", kPs512},
      {"A128GCM", kA128Gcm},
      {"A192GCM", kA192Gcm},
      {"A256GCM", kA256Gcm},
      {"AES-CCM-16-128/64", kAesCcm16_64_128},
      {"AES-CCM-16-256/64", kAesCcm16_64_256},
      {"AES-CCM-64-128/64", kAesCcm64_64_128},
      {"AES-CCM-64-256/64", kAesCcm64_64_256},
      {"AES-CCM-16-128/128", kAesCcm16_128_128},
      {"AES-CCM-16-256/128", kAesCcm16_128_256},
      {"AES-CCM-64-128/128", kAesCcm64_128_128},
      {"AES-CCM-64-256/128", kAesCcm64_128_256},
      {"ChaCha-Poly1305", kChaCha20Poly1305},
      {"HS256/64", kHmac256_64},
      {"HS256", kHmac256},
      {"HS384", kHmac384},
      {"HS512", kHmac512},
      {"AES-MAC-128/64", kAesMac128_64},
      {"AES-MAC-256/64", kAesMac256_64},
      {"AES-MAC-128/128", kAesMac128_128},
      {"AES-MAC-256/128", kAesMac256_128},
      {"direct", kDirect},
      {"HKDF-HMAC-SHA-256", kDirectHkdfSha256},
      {"HKDF-HMAC-SHA-512", kDirectHkdfSha512},
      {"HKDF-AES-128", kDirectHkdfAes128},
      {"HKDF-AES-256", kDirectHkdfAes256},
      {"A128KW", kA128Kw},
      {"A192KW", kA192Kw},
      {"A256KW", kA256Kw},
      {"ECDH-ES", kEcdhEsHkdf256},
      {"ECDH-ES-512", kEcdhEsHkdf512},
      {"ECDH-SS", kEcdhSsHkdf256},
      {"ECDH-SS-256", kEcdhSsHkdf256},
      {"ECDH-SS-512", kEcdhSsHkdf512},
      {"ECDH-ES-A128KW", kEcdhEsA128Kw},
      {"ECDH-ES+A128KW", kEcdhEsA128Kw},
      {"ECDH-ES-A192KW", kEcdhEsA192Kw},
      {"ECDH-ES-A256KW", kEcdhEsA256Kw},
      {"ECDH-SS-A128KW", kEcdhSsA128Kw},
      {"ECDH-SS+A128KW", kEcdhSsA128Kw},
      {"ECDH-SS-A192KW", kEcdhSsA192Kw},
      {"ECDH-SS-A256KW", kEcdhSsA256Kw},
      {"RSA-OAEP", kRsaOaepSha1},
      {"RSA-OAEP-256", kRsaOaepSha256},
      {"RSA-OAEP-512", kRsaOaepSha512}};
  return kNames.at(name);
}

Example ReadExample(const std::string& path, Keeper& keeper) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const Json json = boost::json::parse(text);
  const Object& top = json.as_object();
  const Object& input = top.at("input").as_object();
  Example out;
  out.title = String(top.at("title"));
  out.fails = top.contains("fail") && top.at("fail").as_bool();
  if (const Object* const intermediates = Find(top, "intermediates"))
    out.intermediates = *intermediates;
  out.message = keeper.Hex(top.at("output").at("cbor"));
  out.plaintext = keeper.Field(input, "plaintext").value();
  for (const Kind& kind : kKinds)
    if (const Object* const body = Find(input, kind.name)) {
      out.type = kind.type;
      ReadBody(input, *body, keeper, out);
      return out;
    }
  throw std::runtime_error("no message in " + path);
}

}  // namespace cai::cose::examples
