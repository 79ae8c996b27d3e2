#include "device/ns/testing/spe_fake.h"

namespace cai::ns {

testing::FakeSpe& testing::fake_spe() {
  static FakeSpe spe;
  return spe;
}

namespace spe {
namespace {

using testing::fake_spe;

Result<Bytes> Give(std::string_view text, MutableBytes out) {
  if (text.size() > out.size()) return Error::kNsService;
  return Bytes(CopyInto(out, AsBytes(text)));
}

std::string_view Name(spm::Purpose purpose) {
  return purpose == spm::Purpose::kTlsClient ? "tls" : "cose";
}

}  // namespace

std::int32_t LastStatus() { return -132; }

Result<Bytes> KeyToken(std::span<const std::byte, 32> nonce,
                       spm::Purpose purpose, MutableBytes out) {
  fake_spe().key_tokens.emplace_back(AsText(nonce), purpose);
  return Give("token-" + std::string(Name(purpose)), out);
}

Result<Bytes> Csr(spm::Purpose purpose, MutableBytes out) {
  if (fake_spe().csr_error) return *fake_spe().csr_error;
  return Give("csr-" + std::string(Name(purpose)), out);
}

Result<Next> SealNext(MutableBytes out) {
  testing::FakeSpe& spe = fake_spe();
  ++spe.asked;
  if (spe.seal_fails) return Error::kNsService;
  if (spe.next.empty()) return Next{spm::SealKind::kNothing, 1000, {}};
  const auto message = spe.next.front();
  spe.next.pop_front();
  CAI_TRY_ASSIGN(const Bytes bytes, Give(message.bytes, out));
  return Next{message.kind, message.wait_ms, bytes};
}

Status ServiceKey(Bytes message) {
  fake_spe().service_keys.emplace_back(AsText(message));
  return kDone;
}

Status Downlink(Bytes message) {
  fake_spe().downlinks.emplace_back(AsText(message));
  if (fake_spe().downlink_error) return *fake_spe().downlink_error;
  return kDone;
}

Status Store(std::uint64_t uid, Bytes data) {
  if (fake_spe().store_fails == uid) return Error::kNsService;
  fake_spe().storage[uid] = AsText(data);
  return kDone;
}

Result<Bytes> Load(std::uint64_t uid, MutableBytes out) {
  const auto found = fake_spe().storage.find(uid);
  if (found == fake_spe().storage.end()) return Error::kNsNotFound;
  return Give(found->second, out);
}

}  // namespace spe
}  // namespace cai::ns
