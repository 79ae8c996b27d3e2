// Any sequence of requests of any client, over the real PSA core: nothing that
// a caller sends may corrupt the partition.
#include "device/partitions/crypto/api.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"

extern "C" psa_status_t cai_crypto_Start();
extern "C" psa_status_t cai_crypto_Serve(cai::spm::Message*);
extern "C" psa_status_t cai_storage_Start();
extern "C" psa_status_t cai_storage_Serve(cai::spm::Message*);

namespace cai {
namespace {

// A reader that gives zeros when there is no more.
struct Input {
  Bytes rest;

  std::uint8_t Byte() {
    if (rest.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest.front());
    rest = rest.subspan(1);
    return value;
  }
  Bytes Take(std::size_t size) {
    const Bytes taken = rest.first(std::min(size, rest.size()));
    rest = rest.subspan(taken.size());
    return taken;
  }
};

void StartOnce() {
  static const bool started = [] {
    fake_spm::Reset();
    fake_spm::SetSpeRoot(ByteArray<32>{});
    fake_spm::SetSeed(ByteArray<64>{});
    sim::Manufacture();
    spm::BootData boot{};
    boot.boot_count = 1;
    fake_spm::SetBootData(boot);
    if (cai_crypto_Start() != PSA_SUCCESS) return false;
    fake_spm::RunAs(spm::PartitionId::kStorage);
    if (cai_storage_Start() != PSA_SUCCESS) return false;
    fake_spm::Provide(spm::Sid::kIts, cai_storage_Serve);
    fake_spm::RunAs(spm::PartitionId::kCrypto);
    return true;
  }();
  if (!started) __builtin_trap();
}

void SendOne(Input& input) {
  fake_spm::Request request;
  const std::uint8_t choice = input.Byte();
  request.sid = choice & 1 ? spm::Sid::kIdentity : spm::Sid::kCrypto;
  request.client = (choice >> 1) % 10 - 2;
  request.op = input.Byte() % 72;
  const int ins = input.Byte() % 4;
  for (int i = 0; i < ins; ++i) request.InBytes(input.Take(input.Byte()));
  const int outs = input.Byte() % (5 - ins);
  for (int i = 0; i < outs; ++i) request.Out(input.Byte());
  (void)request.Send(cai_crypto_Serve);
}

}  // namespace
}  // namespace cai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::StartOnce();
  cai::Input input{cai::AsBytes(data, size)};
  while (!input.rest.empty()) cai::SendOne(input);
  return 0;
}
