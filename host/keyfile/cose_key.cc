#include "host/keyfile/cose_key.h"

#include "host/keyfile/numbers.h"
#include "lib/cose/cose_key.h"

namespace cai::keyfile {

Outcome<Blob> EncodeCose(const Key& key) {
  CAI_TRY_ASSIGN(const Numbers numbers, NumbersOf(key));
  const bool ec2 = crypto::IsWeierstrass(key.kind);
  const std::size_t size = crypto::FieldSize(key.kind);
  cose::Key out{
      .type = ec2 ? cose::Key::Type::kEc2 : cose::Key::Type::kOkp,
      .numbers = {.kind = key.kind, .x = Bytes(numbers.x).first(size)}};
  if (ec2) out.numbers.y = Bytes(numbers.y).first(size);
  if (key.is_private) out.numbers.d = numbers.d.bytes().first(size);
  Blob encoded(256);
  cbor::Writer writer(encoded);
  CAI_TRY(cose::WriteKey(out, key.is_private, writer));
  CAI_TRY_ASSIGN(const Bytes written, writer.Finish());
  encoded.resize(written.size());
  return encoded;
}

Outcome<Key> ParseCose(Bytes encoded) {
  CAI_TRY_ASSIGN(const cose::Key key, cose::ParseKey(encoded));
  // Symmetric and RSA keys have no kind of ours.
  if (key.type != cose::Key::Type::kEc2 && key.type != cose::Key::Type::kOkp)
    return Error::kCoseUnsupported;
  return FromNumbers(key.numbers);
}

}  // namespace cai::keyfile
