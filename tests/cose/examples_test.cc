// cose-wg/Examples: every positive opens, every negative is refused, every
// intermediate value is the author's; what is deterministic is made again byte
// for byte, the rest is made anew and opened. A table by folder says how many.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "lib/base/error.h"
#include "lib/cose/certificate.h"
#include "lib/cose/countersign.h"
#include "lib/crypto/asymmetric.h"
#include "tests/cose/example.h"
#include "tests/hex.h"

namespace cai::cose::examples {
namespace {

const std::string kFolder = "../shared/vectors/cose-wg-Examples";
const std::string kTable = "build/cose-examples.txt";
// PartyU nonce of what two static keys derive anew (RFC 9053, 6.3.1).
constexpr ByteArray<4> kFresh = {std::byte{1}, std::byte{2}, std::byte{3},
                                 std::byte{4}};
const Label kUnderstood[] = {Label("reserved")};  // RFC 8152, C.1.4

// Intermediate values that their files have wrong: "Encrypt1" for "Encrypt0",
// and the values of another file.
constexpr std::string_view kErrata[] = {
    "ChaCha20-Poly-enc-03: Encryption example for ChaCha20-Poly1305 - implicit"
    ": AAD_hex",
    "MAC0-01: MAC0 message w/  countersignature0: ToBeSign_hex"};

struct Count {
  int files = 0, positives = 0, passed = 0, negatives = 0, refused = 0,
      unsupported = 0, intermediates = 0, same_bytes = 0, round_trips = 0;
};

Blob Join(const Structure& structure) {
  Blob out;
  for (const Bytes part : structure.parts())
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::string Upper(std::string hex) {
  std::ranges::transform(hex, hex.begin(), ::toupper);
  return hex;
}

// One example: each function returns kDone, or why the example is refused.
class Run {
 public:
  Run(const Example& example, Count& count) : e_(example), count_(count) {}

  Status Open();
  void MakeAgain();

 private:
  Expected ExpectedFor(Algorithm algorithm, Bytes aad) const {
    return {.algorithm = algorithm,
            .external_aad = aad,
            .understood = kUnderstood,
            .unprotected_algorithm = e_.unprotected_algorithm};
  }
  void Intermediate(const Object& from, const char* name, Bytes value) const;
  const Object* At(const char* list, std::size_t i) const;

  Status VerifySigners();
  Status CheckCertificate(const Headers& headers, const ExampleSigner& signer);
  Status OpenContent();
  Result<ContentKey> KeyFor(std::size_t recipient);
  Status OpenWith(const Key& key, const Message& message);
  void CheckContext(std::size_t i, const Layer& layer);
  Status VerifyCountersigners();
  Status VerifyOn(const CountersignTarget& target, const Headers& headers,
                  const Countersigners& by, const Object* intermediates);
  Key WithBaseIv(Key key);

  void RemakeSigned();
  void RemakeContent();
  void RoundTripRecipients();

  const Example& e_;
  Count& count_;
  Message message_{};
  ContentKey content_key_;
  Blob base_iv_;
};

Route RouteOf(const ExampleRecipient& recipient) {
  return {.algorithms = recipient.algorithms,
          .kdf = recipient.kdf,
          .sender = recipient.sender ? &*recipient.sender : nullptr};
}

void Run::Intermediate(const Object& from, const char* name,
                       Bytes value) const {
  const Json* const expected = from.if_contains(name);
  if (expected == nullptr || e_.fails ||
      std::ranges::find(kErrata, e_.title + ": " + name) != std::end(kErrata))
    return;
  EXPECT_EQ(Upper(testing::Hex(value)),
            Upper(std::string(expected->as_string())))
      << e_.title << ": " << name;
  ++count_.intermediates;
}

const Object* Run::At(const char* list, std::size_t i) const {
  const Json* const found = e_.intermediates.if_contains(list);
  return found != nullptr && i < found->as_array().size()
             ? &found->as_array()[i].as_object()
             : nullptr;
}

Status Run::Open() {
  CAI_TRY_ASSIGN(message_, ParseMessage(e_.message, e_.type, e_.tagging));
  if (IsSigned(e_.type)) {
    CAI_TRY(VerifySigners());
  } else {
    CAI_TRY(OpenContent());
  }
  return VerifyCountersigners();
}

Status Run::VerifySigners() {
  std::optional<Layers> layers;
  if (e_.type == MessageType::kSign) {
    CAI_TRY_ASSIGN(layers,
                   Layers::Open(message_.layers, Layers::Kind::kSignatures));
  }
  for (std::size_t i = 0; i < e_.signers.size(); ++i) {
    const ExampleSigner& signer = e_.signers[i];
    CAI_TRY_ASSIGN(
        const Bytes payload,
        VerifySigned(message_, signer.key,
                     ExpectedFor(signer.algorithm, signer.external_aad)));
    EXPECT_TRUE(Equal(payload, e_.plaintext)) << e_.title;
    if (!layers) {
      Intermediate(e_.intermediates, "ToBeSign_hex",
                   Join(SigStructure(message_.headers.protected_header(), {},
                                     signer.external_aad, payload)));
      continue;
    }
    CAI_TRY_ASSIGN(const Layer layer, layers->Next());
    if (const Object* const expected = At("signers", i))
      Intermediate(*expected, "ToBeSign_hex",
                   Join(SigStructure(message_.headers.protected_header(),
                                     layer.headers.protected_header(),
                                     signer.external_aad, payload)));
    CAI_TRY(CheckCertificate(layer.headers, signer));
  }
  return kDone;
}

// The certificates are of the key that the example names.
Status Run::CheckCertificate(const Headers& headers,
                             const ExampleSigner& signer) {
  if (headers.Find(Header::kX5Chain) == nullptr) return kDone;
  CAI_TRY_ASSIGN(const Bytes leaf, LeafOf(headers));
  ByteArray<crypto::kPublicRoom> room;
  CAI_TRY_ASSIGN(const Key key, KeyOf(leaf, room));
  EXPECT_TRUE(Equal(key.numbers.x, signer.key.numbers.x)) << e_.title;
  CAI_TRY(VerifySigned(message_, key,
                       ExpectedFor(signer.algorithm, signer.external_aad)));
  return kDone;
}

// What, with the message's Partial IV, gives the nonce that was used.
Key Run::WithBaseIv(Key key) {
  if (!e_.full_iv) return key;
  base_iv_.assign(e_.full_iv->begin(), e_.full_iv->end());
  const auto partial = message_.headers.Bstr(Header::kPartialIv);
  const MutableBytes end = MutableBytes(base_iv_).last((*partial)->size());
  for (std::size_t i = 0; i < end.size(); ++i) end[i] ^= (**partial)[i];
  key.base_iv = base_iv_;
  return key;
}

Result<ContentKey> Run::KeyFor(std::size_t recipient) {
  const ExampleRecipient& r = e_.recipients[recipient];
  if (message_.layers.empty()) {
    ContentKey key;
    CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(r.key.k.size()));
    CopyInto(out, r.key.k);
    return key;
  }
  return FindContentKey(message_, e_.algorithm, r.key, RouteOf(r));
}

Status Run::OpenContent() {
  for (std::size_t i = 0; i < e_.recipients.size(); ++i) {
    CAI_TRY_ASSIGN(content_key_, KeyFor(i));
    Intermediate(e_.intermediates, "CEK_hex", content_key_.bytes());
    CAI_TRY(OpenWith(WithBaseIv(content_key_.key()), message_));
  }
  if (message_.layers.empty()) return kDone;
  CAI_TRY_ASSIGN(Layers layers,
                 Layers::Open(message_.layers, Layers::Kind::kRecipients));
  for (std::size_t i = 0; layers.more(); ++i) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    CheckContext(i, layer);
  }
  return kDone;
}

Status Run::OpenWith(const Key& key, const Message& message) {
  const Expected expected = ExpectedFor(e_.algorithm, e_.external_aad);
  const Bytes header = message.headers.protected_header();
  if (IsMaced(e_.type)) {
    CAI_TRY_ASSIGN(const Bytes payload, VerifyMaced(message, key, expected));
    EXPECT_TRUE(Equal(payload, e_.plaintext)) << e_.title;
    Intermediate(e_.intermediates, "ToMac_hex",
                 Join(MacStructure(e_.type, header, e_.external_aad, payload)));
    return kDone;
  }
  Blob room(message.content->size());
  CAI_TRY_ASSIGN(const Bytes text, OpenEncrypted(message, key, expected, room));
  EXPECT_TRUE(Equal(text, e_.plaintext)) << e_.title;
  Intermediate(e_.intermediates, "AAD_hex",
               Join(EncStructure(e_.type, header, e_.external_aad)));
  return kDone;
}

void Run::CheckContext(std::size_t i, const Layer& layer) {
  const Object* const expected = At("recipients", i);
  const ExampleRecipient& r = e_.recipients[i];
  if (expected == nullptr || r.algorithms.size() != 1) return;
  const auto parameters = RecipientOf(r.algorithms[0]);
  const Algorithm wanted =
      parameters->kind == RecipientParameters::Kind::kAgreeWrap
          ? parameters->wrap
          : e_.algorithm;
  ByteArray<kMaxKdfContext> room;
  const auto context =
      EncodeKdfContext(wanted, *KeySizeOf(wanted), layer.headers, r.kdf, room);
  ASSERT_TRUE(context.ok()) << e_.title;
  Intermediate(*expected, "Context_hex", *context);
  if (r.key.type == Key::Type::kSymmetric || !expected->contains("Secret_hex"))
    return;
  Key peer;
  if (r.sender) {
    peer = *r.sender;
  } else {
    peer = *ParseKey(layer.headers.Find(Header::kEphemeralKey)->value);
  }
  ByteArray<crypto::kMaxFieldSize> secret;
  const auto agreed = crypto::Agree(*crypto::ImportKey(r.key.numbers),
                                    *crypto::ImportKey(peer.numbers), secret);
  ASSERT_TRUE(agreed.ok()) << e_.title;
  Intermediate(*expected, "Secret_hex", *agreed);
}

// ---- Countersignatures ------------------------------------------------------

Status Run::VerifyOn(const CountersignTarget& target, const Headers& headers,
                     const Countersigners& by, const Object* intermediates) {
  constexpr auto kV1 = CountersignVersion::kV1;
  for (std::size_t i = 0; i < by.full.size(); ++i)
    CAI_TRY(VerifyCountersignature(target, headers, kV1, by.full[i].key,
                                   ExpectedFor(by.full[i].algorithm, {})));
  for (const Countersigner& one : by.abbreviated) {
    CAI_TRY(VerifyCountersignature0(target, headers, kV1, one.key,
                                    ExpectedFor(one.algorithm, {})));
    if (intermediates == nullptr) continue;
    if (const Json* const list = intermediates->if_contains("countersign0"))
      Intermediate(list->as_array().at(0).as_object(), "ToBeSign_hex",
                   Join(CountersignStructure(target, kV1, {}, {})));
  }
  return kDone;
}

Status Run::VerifyCountersigners() {
  CAI_TRY_ASSIGN(const CountersignTarget body, TargetOf(message_));
  CAI_TRY(
      VerifyOn(body, message_.headers, e_.countersigners, &e_.intermediates));
  if (message_.layers.empty()) return kDone;
  const bool sign = e_.type == MessageType::kSign;
  CAI_TRY_ASSIGN(Layers layers, Layers::Open(message_.layers,
                                             sign ? Layers::Kind::kSignatures
                                                  : Layers::Kind::kRecipients));
  for (std::size_t i = 0; layers.more(); ++i) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    CAI_TRY_ASSIGN(const CountersignTarget target, TargetOf(layer));
    CAI_TRY(VerifyOn(
        target, layer.headers,
        sign ? e_.signers[i].countersigners : e_.recipients[i].countersigners,
        At(sign ? "signers" : "recipients", i)));
  }
  return kDone;
}

// ---- Making it again --------------------------------------------------------

void Run::MakeAgain() {
  if (e_.unprotected_algorithm) return;  // which we do not write
  if (IsSigned(e_.type)) return RemakeSigned();
  RemakeContent();
  if (!message_.layers.empty()) RoundTripRecipients();
}

Draft DraftOf(const Example& e, const Message& message) {
  return {.protected_header = message.headers.protected_header(),
          .unprotected = message.headers.unprotected(),
          .payload = e.plaintext,
          .external_aad = e.external_aad,
          .tagged = e.tagging == Tagging::kTagged};
}

void Run::RemakeSigned() {
  Blob room(e_.message.size() + 64);
  const Draft draft = DraftOf(e_, message_);
  if (e_.type == MessageType::kSign1) {
    const ExampleSigner& signer = e_.signers[0];
    const auto made = MakeSign1(draft, signer.algorithm, signer.key, room);
    ASSERT_TRUE(made.ok()) << e_.title;
    if (signer.algorithm == Algorithm::kEdDsa) {
      EXPECT_TRUE(Equal(*made, e_.message)) << e_.title;
      ++count_.same_bytes;
    }
    const auto parsed = ParseMessage(*made, e_.type, e_.tagging);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(VerifySigned(*parsed, signer.key,
                             ExpectedFor(signer.algorithm, e_.external_aad))
                    .ok())
        << e_.title;
    ++count_.round_trips;
    return;
  }
  std::vector<Signer> signers;
  auto layers = Layers::Open(message_.layers, Layers::Kind::kSignatures);
  for (const ExampleSigner& signer : e_.signers) {
    const auto layer = layers->Next();
    signers.push_back({.protected_header = layer->headers.protected_header(),
                       .unprotected = layer->headers.unprotected(),
                       .algorithm = signer.algorithm,
                       .key = &signer.key,
                       .external_aad = signer.external_aad});
    if (layer->headers.Find(Header::kAlgorithm) == nullptr) return;
    if (!layer->headers.Find(Header::kAlgorithm)->is_protected) return;
  }
  const auto made = MakeSign(draft, signers, room);
  ASSERT_TRUE(made.ok()) << e_.title << ErrorName(made.error());
  const auto parsed = ParseMessage(*made, e_.type, e_.tagging);
  ASSERT_TRUE(parsed.ok());
  for (const ExampleSigner& signer : e_.signers)
    EXPECT_TRUE(VerifySigned(*parsed, signer.key,
                             ExpectedFor(signer.algorithm, signer.external_aad))
                    .ok())
        << e_.title;
  ++count_.round_trips;
}

// With the author's content key and headers there is one encoding.
void Run::RemakeContent() {
  Blob room(e_.message.size());
  const Draft draft = DraftOf(e_, message_);
  const Key key = WithBaseIv(content_key_.key());
  const auto made =
      IsMaced(e_.type)
          ? MakeMac(draft, e_.algorithm, key, message_.layers, room)
          : MakeEncrypt(draft, e_.algorithm, key, message_.layers, room);
  ASSERT_TRUE(made.ok()) << e_.title << ErrorName(made.error());
  EXPECT_EQ(testing::Hex(*made), testing::Hex(e_.message)) << e_.title;
  ++count_.same_bytes;
}

void Run::RoundTripRecipients() {
  std::vector<RecipientDraft> drafts, inner;
  inner.reserve(1);
  for (const ExampleRecipient& r : e_.recipients) {
    RecipientDraft draft{.algorithm = r.algorithms.back(),
                         .key = &r.key,
                         .id = r.key.id,
                         .salt = r.salt,
                         .kdf = r.kdf,
                         .sender = r.sender ? &*r.sender : nullptr};
    if (r.sender && !r.salt && !draft.kdf.u.nonce) {
      draft.kdf.u.nonce = kFresh;
      draft.send_parties = true;
    }
    if (r.algorithms.size() == 2) {
      inner.push_back(draft);
      draft = {.algorithm = r.algorithms[0], .key = nullptr, .inner = inner};
    }
    drafts.push_back(draft);
  }
  ContentKey key;
  Blob room(2000), message_room(4000);
  const auto recipients = MakeRecipients(drafts, e_.algorithm, key, room);
  ASSERT_TRUE(recipients.ok()) << e_.title << ErrorName(recipients.error());
  const Draft draft = DraftOf(e_, message_);
  const Key with_iv = WithBaseIv(key.key());
  const auto made = IsMaced(e_.type) ? MakeMac(draft, e_.algorithm, with_iv,
                                               *recipients, message_room)
                                     : MakeEncrypt(draft, e_.algorithm, with_iv,
                                                   *recipients, message_room);
  ASSERT_TRUE(made.ok()) << e_.title << ErrorName(made.error());
  const auto parsed = ParseMessage(*made, e_.type, e_.tagging);
  ASSERT_TRUE(parsed.ok());
  for (const ExampleRecipient& r : e_.recipients) {
    auto found = FindContentKey(*parsed, e_.algorithm, r.key, RouteOf(r));
    ASSERT_TRUE(found.ok()) << e_.title << ErrorName(found.error());
    EXPECT_TRUE(OpenWith(WithBaseIv(found->key()), *parsed).ok()) << e_.title;
  }
  ++count_.round_trips;
}

// ---- All of them ------------------------------------------------------------

bool IsHonestRefusal(Error error) {
  return error == Error::kCoseBadSignature || error == Error::kCoseBadTag ||
         error == Error::kCoseWrongAlgorithm ||
         error == Error::kCoseWrongType || error == Error::kCoseNoSigner;
}

void RunFile(const std::string& path, Count& count) {
  Keeper keeper;
  const Example example = ReadExample(path, keeper);
  ++count.files;
  Run run(example, count);
  const Status status = run.Open();
  if (example.fails) {
    ++count.negatives;
    EXPECT_TRUE(!status.ok() && IsHonestRefusal(status.error()))
        << path << ": "
        << (status.ok() ? "accepted" : ErrorName(status.error()));
    count.refused += !status.ok();
    return;
  }
  ++count.positives;
  if (!status.ok() && status.error() == Error::kCoseUnsupported) {
    EXPECT_NE(path.find("hashsig"), std::string::npos) << path;
    ++count.unsupported;
    return;
  }
  EXPECT_TRUE(status.ok()) << path << ": " << ErrorName(status.error());
  count.passed += status.ok();
  if (status.ok()) run.MakeAgain();
}

std::map<std::string, Count> RunAll() {
  std::map<std::string, Count> counts;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string folder = entry.path().parent_path().filename();
    RunFile(entry.path().string(), counts[folder]);
  }
  return counts;
}

void Print(std::ostream& out, const std::string& folder, const Count& c) {
  char line[120];
  std::snprintf(line, sizeof line,
                "%-24s %5d %4d/%-4d %4d/%-4d %5d %7d %7d %7d\n", folder.c_str(),
                c.files, c.passed, c.positives, c.refused, c.negatives,
                c.unsupported, c.intermediates, c.same_bytes, c.round_trips);
  out << line;
}

void PrintTable(std::ostream& out, const std::map<std::string, Count>& counts) {
  Count all;
  out << "cose-wg/Examples         files    opened   refused unsup  values"
         "    same   again\n";
  for (const auto& [folder, c] : counts) {
    Print(out, folder, c);
    all.files += c.files, all.positives += c.positives;
    all.passed += c.passed, all.negatives += c.negatives;
    all.refused += c.refused, all.unsupported += c.unsupported;
    all.intermediates += c.intermediates, all.same_bytes += c.same_bytes;
    all.round_trips += c.round_trips;
  }
  Print(out, "all", all);
}

TEST(CoseExamples, OpenOrAreRefused_AsTheirAuthorSays) {
  std::filesystem::remove(kTable);
  if (!std::filesystem::exists(kFolder))
    GTEST_SKIP() << kFolder << " is absent";
  const auto counts = RunAll();
  std::ofstream file(kTable);
  PrintTable(file, counts);
  PrintTable(std::cout, counts);
  int files = 0;
  for (const auto& [folder, count] : counts) files += count.files;
  EXPECT_EQ(files, 306);
}

}  // namespace
}  // namespace cai::cose::examples
