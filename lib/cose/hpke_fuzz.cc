// Hostile HPKE messages: never a crash; what opens is authentic, so that the
// same message with one more bit changed in its ciphertext does not open.
#include <cstdlib>
#include <vector>

#include "lib/cose/hpke.h"

namespace {

using namespace cai;

// Any scalar will do: the corpus has messages to it.
constexpr ByteArray<32> kScalar = {std::byte{0}, std::byte{7}, std::byte{7},
                                   std::byte{7}};

bool Opens(Bytes in, cose::HpkeAlgorithm algorithm, const cose::Key& key) {
  const auto message = cose::ParseMessage(in, cose::MessageType::kEncrypt0);
  if (!message.ok() || !message->content) return false;
  std::vector<std::byte> out(message->content->size());
  return cose::OpenHpke0(*message, algorithm, key, {}, out).ok();
}

void Recipients(Bytes in, cose::HpkeAlgorithm algorithm, const cose::Key& key) {
  const auto message = cose::ParseMessage(in, cose::MessageType::kEncrypt);
  if (!message.ok()) return;
  (void)cose::FindHpkeContentKey(*message, cose::Algorithm::kA128Gcm, algorithm,
                                 key, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes in = AsBytes(data, size);
  const cose::Key key{
      .type = cose::Key::Type::kEc2,
      .numbers = {.kind = crypto::KeyKind::kP256, .d = kScalar}};
  if (Opens(in, cose::HpkeAlgorithm::kHpke0, key)) {
    std::vector<std::byte> changed(in.begin(), in.end());
    changed.back() ^= std::byte{1};
    if (Opens(changed, cose::HpkeAlgorithm::kHpke0, key)) std::abort();
  }
  Recipients(in, cose::HpkeAlgorithm::kHpke0Ke, key);
  return 0;
}
