#include "device/spm/kernel.h"

#include <cstring>

#include "device/arch/armv8m/protection.h"
#include "device/arch/armv8m/registers.h"
#include "device/spm/border.h"
#include "device/spm/console.h"
#include "device/spm/faults.h"
#include "device/spm/interrupts.h"
#include "device/spm/partition_list.h"
#include "device/spm/privileges.h"
#include "device/spm/svc.h"
#include "device/spm/time.h"

extern "C" void cai_spm_Return();

namespace cai::spm {
namespace {

// Partitions cannot be re-entered, so no chain is longer than all of them.
std::array<Context, kMaxPartitions> contexts;
std::size_t depth = 0;

enum class State : std::uint8_t { kNotStarted, kReady, kOpen, kStopped };
std::array<State, kMaxPartitions> states;

std::uint32_t ToWord(const void* pointer) {
  // Safety: 32-bit machine; for frames and registers.
  return reinterpret_cast<std::uintptr_t>(pointer);
}

const Partition& Callee(const Context& context) {
  return kPartitions[context.callee];
}

// Makes the exception return lead into `entry` on the callee's empty stack.
void Enter(Trap& trap, const Partition& callee, std::uint32_t entry,
           std::uint32_t argument) {
  const Region& stack = callee.regions[2];
  // Safety: the stack is this partition's, aligned to 32 bytes, and unused.
  auto* seal = reinterpret_cast<std::uint32_t*>(stack.end() - 8);
  seal[0] = seal[1] = armv8m::kStackSeal;
  auto* frame = reinterpret_cast<Frame*>(stack.end() - 8 - sizeof(Frame));
  *frame = {.r0 = argument,
            .r1 = 0,
            .r2 = 0,
            .r3 = 0,
            .r12 = 0,
            .lr = ToWord(reinterpret_cast<const void*>(&cai_spm_Return)),
            .pc = entry & ~1u,
            .xpsr = 1u << 24};
  trap = {.process_stack = ToWord(frame),
          .process_stack_limit = static_cast<std::uint32_t>(stack.start()),
          .control = armv8m::kUnprivileged | armv8m::kProcessStack,
          .r4_to_r11 = {},
          .exc_return = armv8m::kReturnSecureThreadProcess};
  armv8m::SwitchTo(callee);
}

Context& Push(const Trap& trap, Frame* frame, std::int32_t client,
              std::size_t callee) {
  Context& context = contexts[depth];
  context.trap = trap;
  context.frame = frame;
  context.client = client;
  context.callee = static_cast<std::uint16_t>(callee);
  context.out_count = 0;  // and so no outputs
  context.ticks_left = TicksOf(kPartitions[callee].limit_ms);
  context.in_used = context.out_used = 0;
  ++depth;
  states[callee] = State::kOpen;
  return context;
}

// A stopped partition's secrets are of no more use to anyone.
void WipeMemory(const Partition& partition) {
  for (const Region& region : {partition.regions[1], partition.regions[2]}) {
    // Safety: this partition's RAM and stack; it will not run again.
    std::memset(reinterpret_cast<void*>(region.start()), 0,
                region.end() - region.start());
  }
}

// Ends the innermost call: its caller goes on, with `status`.
void Finish(Trap& trap, psa_status_t status, bool failed) {
  const Context& context = contexts[--depth];
  const Partition& callee = Callee(context);
  Collect(context, callee, failed);
  const bool start_refused =
      context.client == kSpmClient && status != PSA_SUCCESS;
  const bool stopped = failed || start_refused;
  states[context.callee] = stopped ? State::kStopped : State::kReady;
  if (stopped)
    WipeMemory(callee);
  else
    AllowInterrupts(context.callee, context.client == kInterruptClient);
  trap = context.trap;
  if (context.frame != nullptr)
    context.frame->r0 = static_cast<std::uint32_t>(status);
  if (const Partition* caller = Running()) armv8m::SwitchTo(*caller);
}

// The status at once, or the callee was entered.
psa_status_t BeginCall(Trap& trap, Frame* frame, const Request& request) {
  const Operation* operation = FindOperation(request.sid, request.op);
  if (operation == nullptr || !MayCall(*operation, request.client))
    return PSA_ERROR_NOT_PERMITTED;
  const std::size_t index = operation->partition;
  if (states[index] == State::kOpen) return PSA_ERROR_CONNECTION_BUSY;
  if (states[index] != State::kReady) return PSA_ERROR_CONNECTION_REFUSED;

  const Partition& callee = kPartitions[index];
  Context& context = Push(trap, frame, request.client, index);
  const psa_status_t status = Deliver(request, callee, context);
  if (status != PSA_SUCCESS) {
    --depth;
    states[index] = State::kReady;
    return status;
  }
  Enter(trap, callee, ToWord(reinterpret_cast<const void*>(callee.serve)),
        ToWord(callee.message));
  return PSA_SUCCESS;
}

// A call from either world: `frame` gets the status unless the callee was
// entered, which then puts it there on return.
void Call(Trap& trap, Frame* frame, const Request& request) {
  const std::size_t before = depth;
  const psa_status_t status = BeginCall(trap, frame, request);
  if (depth == before) frame->r0 = static_cast<std::uint32_t>(status);
}

// r0 handle, r1 control, r2 in, r3 out: device/psa/client.c.
void CallFromNonSecure(Trap& trap, Frame* frame) {
  constexpr std::uint32_t kSidMask = 0xFFFF;
  const std::uint32_t handle = frame->r0, control = frame->r1;
  Request request(kNonSecureClient, handle & kSidMask,
                  static_cast<std::int32_t>(control >> 16));
  const bool handle_ok = (handle & ~kSidMask) == kHandleBase &&
                         FindService(request.sid) != nullptr;
  psa_status_t status = PSA_SUCCESS;
  if (depth != 0)
    status = PSA_ERROR_CONNECTION_BUSY;
  else if (!handle_ok || !FetchVectors(request, frame->r2, control >> 8 & 0xFF,
                                       frame->r3, control & 0xFF))
    status = PSA_ERROR_PROGRAMMER_ERROR;
  if (status != PSA_SUCCESS)
    frame->r0 = static_cast<std::uint32_t>(status);
  else
    Call(trap, frame, request);
}

void VersionForNonSecure(Frame* frame) {
  const std::uint32_t sid = frame->r0;
  frame->r0 = 0;  // PSA_VERSION_NONE
  const Service* service = FindService(sid);
  if (service == nullptr) return;
  for (const Operation& operation : kOperations)
    if (operation.sid == sid && MayCall(operation, kNonSecureClient))
      frame->r0 = service->version;
}

// r0: the client library's CallArguments, in the caller's memory.
void CallFromPartition(Trap& trap, Frame* frame, const Partition& caller) {
  const auto client = static_cast<std::int32_t>(caller.id);
  CallArguments arguments;
  psa_status_t status = PSA_ERROR_PROGRAMMER_ERROR;
  if (frame->r0 % alignof(CallArguments) == 0 &&
      MayRead(client, frame->r0, sizeof arguments)) {
    // Safety: checked to be the caller's.
    arguments = *reinterpret_cast<const CallArguments*>(frame->r0);
    Request request(client, arguments.sid, arguments.op);
    if (FetchVectors(request, ToWord(arguments.in), arguments.ins,
                     ToWord(arguments.out), arguments.outs))
      return Call(trap, frame, request);
  }
  frame->r0 = static_cast<std::uint32_t>(status);
}

void StartFromSpm(Trap& trap, Frame* frame) {
  const std::size_t index = frame->r0;
  const Partition& callee = kPartitions[index];
  Push(trap, frame, kSpmClient, index);
  Enter(trap, callee, ToWord(reinterpret_cast<const void*>(callee.start)), 0);
}

std::uint8_t SvcNumber(const Frame& frame) {
  // Safety: the instruction that was just executed.
  return *reinterpret_cast<const std::uint8_t*>(frame.pc - 2);
}

void FromSpm(Trap& trap, Frame* frame) {
  switch (SvcNumber(*frame)) {
    case CAI_SVC_NS_CALL:
      return CallFromNonSecure(trap, frame);
    case CAI_SVC_NS_VERSION:
      return VersionForNonSecure(frame);
    case CAI_SVC_START:
      return StartFromSpm(trap, frame);
  }
  Die(EventId::kSpmFault, frame->pc);
}

void FromPartition(Trap& trap, Frame* frame, const Partition& caller) {
  const std::uint8_t number = SvcNumber(*frame);
  if (number == CAI_SVC_RETURN)
    return Finish(trap, static_cast<psa_status_t>(frame->r0), false);
  if (number == CAI_SVC_CALL) return CallFromPartition(trap, frame, caller);
  if (!ServePrivilege(number, frame, caller))
    StopRunning(trap, EventId::kPartitionFault, number);
}

}  // namespace

const Partition* Running() {
  return depth == 0 ? nullptr : &Callee(contexts[depth - 1]);
}

bool EnterInterrupt(Trap& trap, std::size_t index, std::uint32_t irq) {
  if (states[index] != State::kReady) return false;
  const Partition& owner = kPartitions[index];
  Push(trap, nullptr, kInterruptClient, index);
  Enter(trap, owner, ToWord(reinterpret_cast<const void*>(owner.interrupt)),
        irq);
  return true;
}

void StopRunning(Trap& trap, EventId why, std::uint32_t detail) {
  Record(static_cast<std::int32_t>(Running()->id), why, detail);
  Finish(trap, PSA_ERROR_COMMUNICATION_FAILURE, true);
}

bool RunsTooLong() {
  std::uint32_t& left = contexts[depth - 1].ticks_left;
  if (left == 0) return true;
  --left;
  return false;
}

}  // namespace cai::spm

extern "C" void cai_spm_OnSvc(cai::spm::Trap* trap, cai::spm::Frame* main) {
  using namespace cai;
  using namespace cai::spm;
  if ((trap->exc_return & armv8m::kReturnToProcessStack) == 0)
    return FromSpm(*trap, main);
  // Safety: the processor pushed it there with the partition's own rights.
  auto* frame = reinterpret_cast<Frame*>(trap->process_stack);
  FromPartition(*trap, frame, *Running());
}
