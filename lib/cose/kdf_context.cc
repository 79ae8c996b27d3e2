#include "lib/cose/recipient.h"

namespace cai::cose {
namespace {

// nil, a byte string, or an integer where the message has one as a nonce.
Status WriteField(const Headers& headers, Header label,
                  const std::optional<Bytes>& own, cbor::Writer& writer) {
  const Parameter* const sent = headers.Find(label);
  if (sent == nullptr) {
    if (own)
      writer.Bstr(*own);
    else
      writer.Null();
    return kDone;
  }
  cbor::AnyReader reader(sent->value);
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type == cbor::Type::kBstr) {
    CAI_TRY_ASSIGN(const Bytes value, reader.Bstr());
    if (own && !Equal(*own, value)) return Error::kCoseBadKdf;
    writer.Bstr(value);
    return kDone;
  }
  CAI_TRY_ASSIGN(const std::int64_t number, reader.Int());
  if (own) return Error::kCoseBadKdf;
  writer.Int(number);
  return kDone;
}

struct PartyLabels {
  Header identity, nonce, other;
};
constexpr PartyLabels kU = {Header::kPartyUIdentity, Header::kPartyUNonce,
                            Header::kPartyUOther};
constexpr PartyLabels kV = {Header::kPartyVIdentity, Header::kPartyVNonce,
                            Header::kPartyVOther};

Status WriteParty(const Headers& headers, const PartyLabels& labels,
                  const Party& party, cbor::Writer& writer) {
  writer.Array(3);
  CAI_TRY(WriteField(headers, labels.identity, party.identity, writer));
  CAI_TRY(WriteField(headers, labels.nonce, party.nonce, writer));
  return WriteField(headers, labels.other, party.other, writer);
}

}  // namespace

Result<Bytes> EncodeKdfContext(Algorithm algorithm, std::size_t size,
                               const Headers& headers, const KdfInputs& inputs,
                               std::span<std::byte, kMaxKdfContext> out) {
  cbor::Writer writer(out);
  writer.Array(4 + inputs.private_other.has_value());
  writer.Int(static_cast<std::int64_t>(algorithm));
  CAI_TRY(WriteParty(headers, kU, inputs.u, writer));
  CAI_TRY(WriteParty(headers, kV, inputs.v, writer));
  writer.Array(2 + inputs.public_other.has_value());
  writer.Uint(8 * size);
  writer.Bstr(headers.protected_header());
  if (inputs.public_other) writer.Bstr(*inputs.public_other);
  if (inputs.private_other) writer.Bstr(*inputs.private_other);
  const Result<Bytes> done = writer.Finish();
  if (!done.ok()) return Error::kCoseNoRoom;
  return done;
}

}  // namespace cai::cose
