#include "lib/cose/sign1.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/algorithms.h"

namespace cai::cose {
namespace {

constexpr std::int64_t kEs256 = static_cast<std::int64_t>(Algorithm::kEs256);
constexpr std::int64_t kAlgorithmKey =
    static_cast<std::int64_t>(Header::kAlgorithm);
constexpr std::int64_t kContentTypeKey =
    static_cast<std::int64_t>(Header::kContentType);
constexpr std::int64_t kKeyIdKey = static_cast<std::int64_t>(Header::kKeyId);

// The head of a byte string of this size, as deterministic CBOR has it.
struct BstrHead {
  explicit BstrHead(std::size_t size) : writer(room) { writer.BstrHead(size); }
  BstrHead(const BstrHead&) = delete;
  BstrHead& operator=(const BstrHead&) = delete;
  Bytes bytes() const { return Bytes(room).first(writer.size()); }

  ByteArray<9> room{};
  cbor::Writer writer;
};

// kid as the caller wants it; whole, so that no header is left to interpret.
Status Compare(const Sign1Header& found, const Sign1Header& expected) {
  if (found.content_type != expected.content_type)
    return Error::kCoseWrongContentType;
  if (!Equal(found.key_id, expected.key_id)) return Error::kCoseWrongKeyId;
  return kDone;
}

void WriteFrame(Bytes protected_header, Bytes payload, cbor::Writer& writer) {
  writer.Tag(kTagSign1);
  writer.Array(4);
  writer.Bstr(protected_header);
  writer.Map(0);
  writer.Bstr(payload);
}

}  // namespace

Result<Sign1> ParseSign1(Bytes message) {
  cbor::Reader reader(message);
  CAI_TRY(reader.TagOf(kTagSign1));
  CAI_TRY(reader.ArrayOf(4));
  CAI_TRY_ASSIGN(const Bytes protected_header, reader.Bstr());
  CAI_TRY_ASSIGN(const std::uint64_t unprotected, reader.Map());
  if (unprotected != 0) return Error::kCoseUnexpectedHeader;
  CAI_TRY_ASSIGN(const Bytes payload, reader.Bstr());
  CAI_TRY_ASSIGN(const auto signature, reader.BstrOf<64>());
  CAI_TRY(reader.Finish());
  return Sign1{protected_header, payload, signature};
}

crypto::Digest ToBeSigned(Bytes protected_header, Bytes payload) {
  constexpr std::string_view kContext = "Signature1";
  ByteArray<12> context;
  cbor::Writer writer(context);
  writer.Array(4);
  writer.Text(kContext);
  constexpr std::byte kNoExternalAad[] = {std::byte{0x40}};
  const BstrHead header_head(protected_header.size());
  const BstrHead payload_head(payload.size());
  return crypto::Sha256::Of({context, header_head.bytes(), protected_header,
                             kNoExternalAad, payload_head.bytes(), payload});
}

Status VerifySignature(const Sign1& message, const crypto::P256Public& key) {
  const Status status =
      crypto::Verify(key, ToBeSigned(message), message.signature);
  if (!status.ok() && status.error() == Error::kCryptoBadSignature)
    return Error::kCoseBadSignature;
  return status;
}

Result<Bytes> EncodeHeader(const Sign1Header& header, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Map(header.key_id.empty() ? 2 : 3);
  writer.Int(kAlgorithmKey);
  writer.Int(kEs256);
  writer.Int(kContentTypeKey);
  writer.Uint(header.content_type);
  if (!header.key_id.empty()) {
    writer.Int(kKeyIdKey);
    writer.Bstr(header.key_id);
  }
  return writer.Finish();
}

Result<Sign1Header> ParseHeader(Bytes protected_header, bool with_key_id) {
  cbor::Reader reader(protected_header);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  if (pairs != (with_key_id ? 3u : 2u)) return Error::kCoseUnexpectedHeader;

  CAI_TRY_ASSIGN(const std::int64_t first, reader.Int());
  if (first != kAlgorithmKey) return Error::kCoseUnexpectedHeader;
  CAI_TRY_ASSIGN(const std::int64_t algorithm, reader.Int());
  if (algorithm != kEs256) return Error::kCoseWrongAlgorithm;

  CAI_TRY_ASSIGN(const std::int64_t second, reader.Int());
  if (second != kContentTypeKey) return Error::kCoseUnexpectedHeader;
  CAI_TRY_ASSIGN(const std::uint64_t type, reader.Uint());
  if (type > 0xffff) return Error::kCoseWrongContentType;

  Sign1Header header{static_cast<std::uint16_t>(type)};
  if (with_key_id) {
    CAI_TRY_ASSIGN(const std::int64_t third, reader.Int());
    if (third != kKeyIdKey) return Error::kCoseUnexpectedHeader;
    CAI_TRY_ASSIGN(header.key_id, reader.Bstr());
    if (header.key_id.empty() || header.key_id.size() > Sign1Header::kMaxKeyId)
      return Error::kCoseWrongKeyId;
  }
  CAI_TRY(reader.Finish());
  return header;
}

Result<Sign1> OpenSign1(Bytes message, const Sign1Header& expected,
                        const crypto::P256Public& key) {
  CAI_TRY_ASSIGN(const Sign1 sign1, ParseSign1(message));
  CAI_TRY_ASSIGN(const Sign1Header header,
                 ParseHeader(sign1.protected_header, !expected.key_id.empty()));
  CAI_TRY(Compare(header, expected));
  CAI_TRY(VerifySignature(sign1, key));
  return sign1;
}

std::size_t Sign1Size(std::size_t protected_size, std::size_t payload_size) {
  return 1 + 1 + BstrHead(protected_size).writer.size() + protected_size + 1 +
         BstrHead(payload_size).writer.size() + payload_size + 2 + 64;
}

Result<Bytes> MakeSign1(Bytes protected_header, Bytes payload,
                        crypto::P256Private key, MutableBytes out) {
  if (Sign1Size(protected_header.size(), payload.size()) > out.size())
    return Error::kCoseNoRoom;
  CAI_TRY_ASSIGN(const crypto::Signature signature,
                 crypto::SignHash(key, ToBeSigned(protected_header, payload)));
  cbor::Writer writer(out);
  WriteFrame(protected_header, payload, writer);
  writer.Bstr(signature);
  return writer.Finish();
}

Result<Bytes> MakeSign1(const Sign1Header& header, Bytes payload,
                        crypto::P256Private key, MutableBytes out) {
  ByteArray<Sign1Header::kMaxEncoded> room;
  CAI_TRY_ASSIGN(const Bytes protected_header, EncodeHeader(header, room));
  return MakeSign1(protected_header, payload, key, out);
}

}  // namespace cai::cose
