// What decodes re-encodes to the same bytes.
#include <cstdlib>
#include <vector>

#include "lib/cose/encrypt.h"
#include "lib/cose/key.h"
#include "lib/cose/sign1.h"

namespace cai::cose {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Sign1Bytes(Bytes in) {
  const auto sign1 = ParseSign1(in);
  if (!sign1.ok()) return;
  Require(Sign1Size(sign1->protected_header.size(), sign1->payload.size()) ==
          in.size());
  std::vector<std::byte> out(in.size());
  cbor::Writer writer(out);
  writer.Tag(kTagSign1);
  writer.Array(4);
  writer.Bstr(sign1->protected_header);
  writer.Map(0);
  writer.Bstr(sign1->payload);
  writer.Bstr(sign1->signature);
  const auto encoded = writer.Finish();
  Require(encoded.ok() && Equal(*encoded, in));
  (void)ToBeSigned(*sign1);
}

void HeaderBytes(Bytes in) {
  for (const bool with_key_id : {false, true}) {
    const auto header = ParseHeader(in, with_key_id);
    if (!header.ok()) continue;
    ByteArray<Sign1Header::kMaxEncoded> out;
    const auto encoded = EncodeHeader(*header, out);
    Require(encoded.ok() && Equal(*encoded, in));
  }
}

void RecipientBytes(Bytes in) {
  cbor::Reader reader(in);
  const auto recipient = ReadRecipient(reader);
  if (!recipient.ok() || !reader.Finish().ok()) return;
  ByteArray<Recipient::kEncoded> out;
  cbor::Writer writer(out);
  WriteRecipient(*recipient, writer);
  const auto encoded = writer.Finish();
  Require(encoded.ok() && Equal(*encoded, in));
}

void KeyBytes(Bytes in) {
  cbor::Reader reader(in);
  const auto key = ReadKey(reader);
  if (!key.ok() || !reader.Finish().ok()) return;
  ByteArray<kEncodedKeySize> out;
  cbor::Writer writer(out);
  WriteKey(*key, writer);
  const auto encoded = writer.Finish();
  Require(encoded.ok() && Equal(*encoded, in));
}

}  // namespace
}  // namespace cai::cose

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const cai::Bytes in = cai::AsBytes(data, size);
  cai::cose::Sign1Bytes(in);
  cai::cose::HeaderBytes(in);
  cai::cose::RecipientBytes(in);
  cai::cose::KeyBytes(in);
  return 0;
}
