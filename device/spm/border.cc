#include "device/spm/border.h"

#include <arm_cmse.h>

#include "device/images/memory_map.h"
#include "device/spm/partition_list.h"
#include "device/spm/words.h"

namespace cai::spm {
namespace {

// tools/manifest.py reserves this much in front of a partition's areas.
static_assert(sizeof(Message) <= 128);

bool Inside(std::uintptr_t base, std::size_t size, std::uintptr_t start,
            std::uintptr_t end) {
  return base >= start && base <= end && size <= end - base;
}

// NS thread mode is unprivileged if it says so in its own CONTROL.
int NonSecureFlags(int access) {
  std::uint32_t control;
  __asm__ volatile("mrs %0, control_ns" : "=r"(control));
  return CMSE_NONSECURE | access | (control & 1 ? CMSE_MPU_UNPRIV : 0);
}

bool NonSecureMay(std::uintptr_t base, std::size_t size, bool write) {
  using memory::kNonsecureCodeNs, memory::kNonsecureDataNs;
  const bool data =
      Inside(base, size, kNonsecureDataNs.base, kNonsecureDataNs.end());
  const bool code =
      Inside(base, size, kNonsecureCodeNs.base, kNonsecureCodeNs.end());
  if (!data && (write || !code)) return false;
  const int flags = NonSecureFlags(write ? CMSE_MPU_READWRITE : CMSE_MPU_READ);
  // Safety: only tested, not followed.
  return cmse_check_address_range(reinterpret_cast<void*>(base), size, flags) !=
         nullptr;
}

bool PartitionMay(const Partition& partition, std::uintptr_t base,
                  std::size_t size, bool write) {
  for (std::size_t i = 0; i < partition.region_count; ++i) {
    const Region& region = partition.regions[i];
    if (region.access == Access::kDevice) continue;
    if (write && region.access != Access::kReadWrite) continue;
    if (Inside(base, size, region.start(), region.end())) return true;
  }
  return !write && InShared(base, size);
}

bool May(std::int32_t client, std::uintptr_t base, std::size_t size,
         bool write) {
  if (size == 0) return true;
  if (client == kNonSecureClient) return NonSecureMay(base, size, write);
  const Partition* partition = FindPartition(client);
  return partition != nullptr && PartitionMay(*partition, base, size, write);
}

// Room in a partition's area, handed out in pieces aligned to 8 bytes.
class Area {
 public:
  explicit Area(MutableBytes area) : left_(area) {}
  // Only if it fits.
  MutableBytes Take(std::size_t size) {
    const MutableBytes taken = left_.first(size);
    left_ = left_.subspan(std::min(left_.size(), (size + 7) & ~std::size_t{7}));
    return taken;
  }
  bool Fits(std::size_t size) const { return size <= left_.size(); }
  std::size_t used() const { return size_ - left_.size(); }

 private:
  MutableBytes left_;
  std::size_t size_ = left_.size();
};

// Places of the inputs in the callee's area, in the order of the vectors.
using Inputs = std::array<MutableBytes, kMaxVectors>;

psa_status_t PlaceInputs(const Request& request, const Partition& callee,
                         Inputs& inputs, Context& context) {
  Area area(callee.in);
  for (std::size_t i = 0; i < request.in_count; ++i) {
    const InVec& vector = request.in[i];
    const auto base = reinterpret_cast<std::uintptr_t>(vector.base);
    if (!area.Fits(vector.len)) return PSA_ERROR_INSUFFICIENT_MEMORY;
    if (!MayRead(request.client, base, vector.len))
      return PSA_ERROR_PROGRAMMER_ERROR;
    inputs[i] = area.Take(vector.len);
  }
  context.in_used = area.used();
  return PSA_SUCCESS;
}

psa_status_t PlaceOutputs(const Request& request, const Partition& callee,
                          Context& context) {
  Area area(callee.out);
  for (std::size_t i = 0; i < request.out_count; ++i) {
    const OutVec& vector = request.out[i];
    const auto base = reinterpret_cast<std::uintptr_t>(vector.base);
    if (!area.Fits(vector.len)) return PSA_ERROR_INSUFFICIENT_MEMORY;
    if (!MayWrite(request.client, base, vector.len))
      return PSA_ERROR_PROGRAMMER_ERROR;
    const MutableBytes to = area.Take(vector.len);
    context.outputs[i] = {
        .base = base,
        .room = vector.len,
        .len_slot =
            request.out_array + i * sizeof(OutVec) + offsetof(OutVec, len),
        .from = to.data(),
    };
  }
  context.out_used = area.used();
  return PSA_SUCCESS;
}

// The callee's Message, in its own memory: it does not run now. Vectors beyond
// the counts stay empty.
void WriteMessage(const Request& request, const Partition& callee,
                  const Inputs& inputs, const Context& context) {
  // Safety: the linker script reserves aligned room for it, and the callee
  // started its life in cleared memory; all fields are written.
  auto& message = *reinterpret_cast<Message*>(callee.message);
  message.client = request.client;
  message.sid = static_cast<Sid>(request.sid);
  message.op = request.op;
  message.in_count = request.in_count;
  message.out_count = request.out_count;
  for (std::size_t i = 0; i < kMaxVectors; ++i) {
    const bool in = i < request.in_count, out = i < request.out_count;
    message.in[i] = in ? Bytes(inputs[i]) : Bytes();
    message.out[i] = out ? context.outputs[i].Place() : MutableBytes();
    message.out_size[i] = 0;
  }
}

}  // namespace

bool MayRead(std::int32_t client, std::uintptr_t base, std::size_t size) {
  return May(client, base, size, false);
}

bool MayWrite(std::int32_t client, std::uintptr_t base, std::size_t size) {
  return May(client, base, size, true);
}

bool FetchVectors(Request& request, std::uintptr_t in, std::size_t ins,
                  std::uintptr_t out, std::size_t outs) {
  if (ins > kMaxVectors || outs > kMaxVectors - ins) return false;
  if (ins != 0 && in % alignof(InVec) != 0) return false;
  if (outs != 0 && out % alignof(OutVec) != 0) return false;
  if (!MayRead(request.client, in, ins * sizeof(InVec))) return false;
  if (!MayWrite(request.client, out, outs * sizeof(OutVec))) return false;
  // Safety: checked above to be the caller's, for this size and alignment;
  // copied once, so that what was checked is what is used.
  Copy(request.in.data(), reinterpret_cast<const void*>(in),
       ins * sizeof(InVec));
  Copy(request.out.data(), reinterpret_cast<const void*>(out),
       outs * sizeof(OutVec));
  request.in_count = static_cast<std::uint8_t>(ins);
  request.out_count = static_cast<std::uint8_t>(outs);
  request.out_array = out;
  return true;
}

psa_status_t Deliver(const Request& request, const Partition& callee,
                     Context& context) {
  Inputs inputs;
  context.out_count = request.out_count;
  // All is checked first: nothing is copied for a call that is refused.
  psa_status_t status = PlaceOutputs(request, callee, context);
  if (status == PSA_SUCCESS)
    status = PlaceInputs(request, callee, inputs, context);
  if (status != PSA_SUCCESS) return status;
  for (std::size_t i = 0; i < request.in_count; ++i)
    Copy(inputs[i].data(), request.in[i].base, inputs[i].size());
  WriteMessage(request, callee, inputs, context);
  return PSA_SUCCESS;
}

void Collect(const Context& context, const Partition& callee, bool failed) {
  // Safety: written by the callee since, so every value is only a claim.
  const auto& message = *reinterpret_cast<const Message*>(callee.message);
  for (std::size_t i = 0; i < context.out_count; ++i) {
    const Output& output = context.outputs[i];
    const std::size_t claimed = failed ? 0 : message.out_size[i];
    const std::size_t size = claimed <= output.room ? claimed : 0;
    // Safety: both were checked to be the caller's when the call was made, and
    // its rights cannot have changed since.
    Copy(reinterpret_cast<void*>(output.base), output.from, size);
    *reinterpret_cast<std::size_t*>(output.len_slot) = size;
  }
  // What the callee was given or wrote stays with no one.
  Clear(callee.in.data(), context.in_used);
  Clear(callee.out.data(), context.out_used);
}

}  // namespace cai::spm
