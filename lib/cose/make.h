// Making any COSE message. For the device's own fixed messages: sign1.h.
#pragma once

#include "lib/cbor/writer.h"
#include "lib/cose/open.h"

namespace cai::cose {

// Writes a header map in deterministic order, which is the order of the calls:
// 1, 2, 3 …, then -1, -2 …, then texts. At most 23 parameters.
class HeaderWriter {
 public:
  explicit HeaderWriter(MutableBytes out) : out_(out), writer_(Entries(out)) {}

  HeaderWriter& Int(Label label, std::int64_t value);
  HeaderWriter& Bstr(Label label, Bytes value);
  HeaderWriter& Text(Label label, std::string_view value);
  HeaderWriter& Item(Label label, Bytes encoded);
  HeaderWriter& Algorithm(cose::Algorithm algorithm) {
    return Int(Header::kAlgorithm, static_cast<std::int64_t>(algorithm));
  }

  // kCborKeyOrder, kCborDuplicateKey, kCborNoRoom.
  Result<Bytes> Finish();

 private:
  static MutableBytes Entries(MutableBytes out) {
    return out.empty() ? out : out.subspan(1);
  }
  void Key(Label label);

  MutableBytes out_;
  cbor::Writer writer_;
  std::size_t count_ = 0;
};

// An empty map, as an unprotected header.
inline constexpr ByteArray<1> kNoHeaders = {std::byte{0xa0}};

// What goes into a message. Headers are encoded maps (HeaderWriter); an empty
// protected header may be no bytes at all.
struct Draft {
  Bytes protected_header = {};
  Bytes unprotected = kNoHeaders;
  Bytes payload = {};
  Bytes external_aad = {};
  bool detached = false;  // the payload, or the ciphertext, travels elsewhere
  bool tagged = true;
};

// All of these frame into `out`, which may not overlap what they read, and
// return that part: kCoseNoRoom. The headers must name `algorithm` in the
// protected bucket: kCoseWrongAlgorithm, as the peer would say.

Result<Bytes> MakeSign1(const Draft& draft, Algorithm algorithm, const Key& key,
                        MutableBytes out);

struct Signer {
  Bytes protected_header;
  Bytes unprotected = kNoHeaders;
  Algorithm algorithm;
  const Key* key;
  Bytes external_aad = {};
};
Result<Bytes> MakeSign(const Draft& draft, std::span<const Signer> signers,
                       MutableBytes out);

// `recipients` is the encoded array that recipient.h makes, or empty for Mac0
// and Encrypt0.
Result<Bytes> MakeMac(const Draft& draft, Algorithm algorithm, const Key& key,
                      Bytes recipients, MutableBytes out);

// The headers carry IV, or Partial IV with a Base IV in the key; never twice
// the same for one key. A detached ciphertext fills `detached`, which has
// exactly payload and tag bytes.
Result<Bytes> MakeEncrypt(const Draft& draft, Algorithm algorithm,
                          const Key& key, Bytes recipients, MutableBytes out,
                          MutableBytes detached = {});

// The same message with another unprotected header: to attach what was made
// from the finished message, as a countersignature is.
Result<Bytes> WithUnprotected(const Message& message, Bytes unprotected,
                              bool tagged, MutableBytes out);

}  // namespace cai::cose
