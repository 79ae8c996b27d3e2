#include "device/partitions/testing/fake_spm.h"

#include <cstring>
#include <map>
#include <optional>

#include "device/nv/counters.h"
#include "device/nv/flash.h"

namespace cai {
namespace {

struct State {
  spm::PartitionId self = spm::PartitionId::kTest;
  std::map<spm::Sid, fake_spm::Serve> services;
  spm::BootData boot{};
  std::optional<ByteArray<32>> root;
  std::optional<ByteArray<64>> seed;
  std::map<spm::PartitionId, ByteArray<32>> keys;
  std::vector<nv::Region> flash;
  std::vector<fake_spm::RecordedEvent> events;
  std::uint64_t uptime_ms = 0;
};
State state;

bool Granted(std::uint32_t offset, std::size_t size) {
  if (state.flash.empty()) return true;
  return std::ranges::any_of(state.flash, [&](const nv::Region& region) {
    return offset >= region.offset && size <= region.size &&
           offset - region.offset <= region.size - size;
  });
}

template <std::size_t N>
Status Take(std::optional<ByteArray<N>>& from, std::span<std::byte, N> out) {
  if (!from) return Error::kIpcNotPermitted;
  std::ranges::copy(*from, out.begin());
  from.reset();
  return kDone;
}

}  // namespace

namespace fake_spm {

void Reset() { state = State{}; }
void Provide(spm::Sid sid, Serve serve) { state.services[sid] = serve; }
void RunAs(spm::PartitionId partition) { state.self = partition; }
void SetBootData(const spm::BootData& data) { state.boot = data; }
void SetUptime(std::uint64_t ms) { state.uptime_ms = ms; }
void GrantFlash(std::vector<nv::Region> regions) { state.flash = regions; }
const std::vector<RecordedEvent>& events() { return state.events; }

void SetSpeRoot(Bytes root) {
  state.root.emplace();
  CopyInto(*state.root, root);
}
void SetSeed(Bytes seed) {
  state.seed.emplace();
  CopyInto(*state.seed, seed);
}

psa_status_t Request::Send(Serve serve) {
  spm::Message message{};
  message.client = client;
  message.sid = sid;
  message.op = op;
  message.in_count = static_cast<std::uint8_t>(inputs.size());
  message.out_count = static_cast<std::uint8_t>(outputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) message.in[i] = inputs[i];
  for (std::size_t i = 0; i < outputs.size(); ++i) message.out[i] = outputs[i];
  const psa_status_t status = serve(&message);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    outputs[i].resize(message.out_size[i]);
  return status;
}

}  // namespace fake_spm

namespace spm {

Status Message::Write(std::size_t i, Bytes data) {
  if (i >= out_count) return Error::kIpcBadRequest;
  if (data.size() > out[i].size()) return Error::kIpcNoRoom;
  CopyInto(out[i], data);
  out_size[i] = data.size();
  return kDone;
}

psa_status_t Call(Sid sid, std::int32_t op, const InVec* in, std::size_t ins,
                  OutVec* out, std::size_t outs) {
  const auto service = state.services.find(sid);
  if (service == state.services.end()) return PSA_ERROR_CONNECTION_REFUSED;
  fake_spm::Request request{
      .sid = sid, .client = static_cast<std::int32_t>(state.self), .op = op};
  for (std::size_t i = 0; i < ins; ++i)
    request.InBytes({static_cast<const std::byte*>(in[i].base), in[i].len});
  for (std::size_t i = 0; i < outs; ++i) request.Out(out[i].len);
  const psa_status_t status = request.Send(service->second);
  for (std::size_t i = 0; i < outs; ++i) {
    out[i].len = request.outputs[i].size();
    if (out[i].len > 0)
      std::memcpy(out[i].base, request.outputs[i].data(), out[i].len);
  }
  return status;
}

Status FlashRead(std::uint32_t offset, MutableBytes out) {
  if (!Granted(offset, out.size())) return Error::kFlashRange;
  return nv::Read(offset, out);
}
Status FlashProgram(std::uint32_t offset, Bytes data) {
  if (!Granted(offset, data.size())) return Error::kFlashRange;
  return nv::Program(offset, data);
}
Status FlashErase(std::uint32_t offset) {
  if (!Granted(offset, nv::kSectorSize)) return Error::kFlashRange;
  return nv::Erase(offset);
}

Result<std::uint32_t> ReadCounter(nv::Counter counter) {
  return nv::ReadCounter(counter);
}
Status AdvanceCounter(nv::Counter counter, std::uint32_t to) {
  return nv::AdvanceCounter(counter, to);
}

Status GetBootData(BootData& out) {
  out = state.boot;
  return kDone;
}
Status TakeSpeRoot(std::span<std::byte, 32> out) {
  return Take(state.root, out);
}
Status TakeSeed(std::span<std::byte, 64> out) { return Take(state.seed, out); }

Status DepositKey(PartitionId to, std::span<const std::byte, 32> key) {
  std::ranges::copy(key, state.keys[to].begin());
  return kDone;
}
Status TakeKey(std::span<std::byte, 32> out) {
  const auto key = state.keys.find(state.self);
  if (key == state.keys.end()) return Error::kIpcNotPermitted;
  std::ranges::copy(key->second, out.begin());
  state.keys.erase(key);
  return kDone;
}

std::uint64_t UptimeMs() { return state.uptime_ms; }
void Event(std::uint16_t id, std::uint32_t argument) {
  state.events.push_back({id, argument});
}

}  // namespace spm
}  // namespace cai
