// A COSE_Key that parses is written in one way, which parses to the same. A
// key set with it inside finds it.
#include <cstdlib>
#include <vector>

#include "lib/cbor/deterministic.h"
#include "lib/cose/cose_key.h"

namespace cai::cose {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::byte> Written(const Key& key, std::size_t room) {
  std::vector<std::byte> out(room);
  cbor::Writer writer(out);
  Require(WriteKey(key, true, writer).ok());
  const auto done = writer.Finish();
  Require(done.ok());
  out.resize(done->size());
  return out;
}

void Find(const Key& key, Bytes encoded) {
  std::vector<std::byte> set(encoded.size() + 1);
  cbor::Writer writer(set);
  writer.Array(1);
  writer.Raw(encoded);
  const auto found = FindKey(set, *key.id);
  // The set is one level more than its keys may have.
  Require(found.ok() || found.error() == Error::kCborTooDeep);
}

}  // namespace
}  // namespace cai::cose

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai::cose;
  const cai::Bytes in = cai::AsBytes(data, size);
  const auto key = ParseKey(in);
  if (!key.ok()) return 0;
  const auto once = Written(*key, size);
  Require(cai::cbor::CheckDeterministic(once).ok());
  const auto again = ParseKey(once);
  Require(again.ok() && Written(*again, size) == once);
  if (key->id) Find(*key, in);
  if (key->type != Key::Type::kSymmetric && key->type != Key::Type::kRsa)
    (void)cai::crypto::ImportKey(key->numbers);
  return 0;
}
