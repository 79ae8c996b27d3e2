// The structure of the messages, without keys.
#include "host/flow/labels.h"
#include "lib/cbor/reader.h"
#include "lib/cose/key.h"

namespace cai::flow {
namespace {

// What any of the header maps may hold that matters; the rest is skipped, as
// the tool does.
struct Headers {
  std::optional<std::int64_t> algorithm;
  std::optional<std::string_view> content_type;
  std::optional<Bytes> key_id, iv, session_id;
  std::optional<crypto::P256Public> ephemeral;
};

Status ReadParameter(std::int64_t label, cbor::Reader& reader, Headers& out) {
  switch (label) {
    case kAlgorithm: {
      CAI_TRY_ASSIGN(out.algorithm, reader.Int());
      return kDone;
    }
    case kContentType: {
      CAI_TRY_ASSIGN(out.content_type, reader.Text());
      return kDone;
    }
    case kKeyId: {
      CAI_TRY_ASSIGN(out.key_id, reader.Bstr());
      return kDone;
    }
    case kIv: {
      CAI_TRY_ASSIGN(out.iv, reader.Bstr());
      return kDone;
    }
    case kSessionId: {
      CAI_TRY_ASSIGN(out.session_id, reader.Bstr());
      return kDone;
    }
    case kEphemeralKey: {
      CAI_TRY_ASSIGN(out.ephemeral, cose::ReadKey(reader));
      return kDone;
    }
    default:
      CAI_TRY(reader.Skip());
      return kDone;
  }
}

Result<Headers> ReadHeaders(cbor::Reader& reader) {
  Headers headers;
  CAI_TRY_ASSIGN(cbor::MapCursor map, cbor::MapCursor::Open(reader));
  while (map.more()) {
    CAI_TRY_ASSIGN(const std::int64_t label, map.Key());
    CAI_TRY(ReadParameter(label, reader, headers));
  }
  return headers;
}

Result<Headers> ProtectedHeaders(Bytes encoded) {
  if (encoded.empty()) return Headers{};
  cbor::Reader reader(encoded, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(const Headers headers, ReadHeaders(reader));
  CAI_TRY(reader.Finish());
  return headers;
}

Result<std::span<const std::byte, 12>> IvOf(const Headers& headers) {
  if (!headers.iv || headers.iv->size() != 12) return Error::kFlowMalformed;
  return headers.iv->first<12>();
}

Result<Kind> KindOf(const Headers& headers) {
  for (const Kind kind : {Kind::kSession, Kind::kSingle})
    if (headers.content_type == ContentType(kind)) return kind;
  return Error::kFlowMalformed;
}

Result<Recipient> ReadRecipient(cbor::Reader& reader) {
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(const Bytes header, reader.Bstr());
  CAI_TRY_ASSIGN(const Headers authentic, ProtectedHeaders(header));
  if (authentic.algorithm != kEcdhEsA128Kw) return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(const Headers open, ReadHeaders(reader));
  if (!open.ephemeral) return Error::kFlowMalformed;
  CAI_TRY_ASSIGN(const auto wrapped, reader.BstrOf<24>());
  return Recipient{header, open.key_id.value_or(Bytes{}), *open.ephemeral,
                   wrapped};
}

}  // namespace

Result<SignedMessage> ParseSigned(Bytes message) {
  cbor::Reader reader(message, cbor::Mode::kLenient);
  CAI_TRY(reader.TagOf(kTagSign1));
  CAI_TRY(reader.ArrayOf(4));
  CAI_TRY_ASSIGN(const Bytes header, reader.Bstr());
  CAI_TRY_ASSIGN(const Headers authentic, ProtectedHeaders(header));
  if (authentic.algorithm != kEs256) return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(const Kind kind, KindOf(authentic));
  if (!authentic.session_id) return Error::kFlowMalformed;
  CAI_TRY_ASSIGN(const Headers open, ReadHeaders(reader));
  CAI_TRY_ASSIGN(const Bytes payload, reader.Bstr());
  CAI_TRY_ASSIGN(const auto signature, reader.BstrOf<64>());
  CAI_TRY(reader.Finish());
  return SignedMessage{kind,
                       *authentic.session_id,
                       open.key_id.value_or(Bytes{}),
                       header,
                       payload,
                       signature};
}

Result<EncryptedMessage> ParseEncrypted(Bytes message) {
  cbor::Reader reader(message, cbor::Mode::kLenient);
  CAI_TRY(reader.ArrayOf(4));
  CAI_TRY_ASSIGN(const Bytes header, reader.Bstr());
  CAI_TRY_ASSIGN(const Headers authentic, ProtectedHeaders(header));
  if (authentic.algorithm != kEcdhEsA128Kw && authentic.algorithm != kA128Gcm)
    return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(const Headers open, ReadHeaders(reader));
  CAI_TRY_ASSIGN(const auto iv, IvOf(open));
  CAI_TRY_ASSIGN(const Bytes ciphertext, reader.Bstr());
  CAI_TRY_ASSIGN(const std::uint64_t recipients, reader.Array());
  if (recipients != 1)
    return recipients == 0 ? Error::kFlowMalformed
                           : Error::kFlowSeveralRecipients;
  CAI_TRY_ASSIGN(const Recipient recipient, ReadRecipient(reader));
  CAI_TRY(reader.Finish());
  return EncryptedMessage{header, iv, ciphertext, recipient};
}

Result<PayloadMessage> ParsePayload(Bytes message) {
  cbor::Reader reader(message, cbor::Mode::kLenient);
  CAI_TRY(reader.TagOf(kTagEncrypt0));
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(const Bytes header, reader.Bstr());
  CAI_TRY_ASSIGN(const Headers authentic, ProtectedHeaders(header));
  if (authentic.algorithm != kA128Gcm) return Error::kCoseWrongAlgorithm;
  if (!authentic.session_id) return Error::kFlowMalformed;
  CAI_TRY_ASSIGN(const Headers open, ReadHeaders(reader));
  CAI_TRY_ASSIGN(const auto iv, IvOf(open));
  CAI_TRY_ASSIGN(const Bytes ciphertext, reader.Bstr());
  CAI_TRY(reader.Finish());
  return PayloadMessage{*authentic.session_id, header, iv, ciphertext};
}

}  // namespace cai::flow
