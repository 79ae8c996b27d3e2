// The SPM's core: which partition runs for whom, and how it comes back.
//
// Calls are last-in-first-out and run to completion. A call pushes a Context
// with the caller's registers and makes the exception return lead into the
// callee; the callee's return (or its fault) pops it. All of it happens in
// exceptions of the highest priority, so nothing here is ever interrupted.
#pragma once

#include <array>
#include <cstdint>

#include "device/spm/tables.h"

namespace cai::spm {

// The interrupted state as entry.S pushes it; what is left here is restored.
struct Trap {
  std::uint32_t process_stack;
  std::uint32_t process_stack_limit;
  std::uint32_t control;
  std::uint32_t r4_to_r11[8];
  std::uint32_t exc_return;
};
static_assert(sizeof(Trap) == 48);

// What the processor itself stacked.
struct Frame {
  std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

constexpr std::int32_t kNonSecureClient = -1;
constexpr std::int32_t kSpmClient = 0;         // starts a partition
constexpr std::int32_t kInterruptClient = -2;  // no one waits for a status

// Where the outputs of an open call go; recorded before the callee runs, since
// the callee may overwrite its Message.
struct Output {
  std::uintptr_t base;  // in the caller's memory, checked
  std::size_t room;
  std::uintptr_t len_slot;  // the caller's OutVec::len
  std::byte* from;          // in the callee's out area

  MutableBytes Place() const { return {from, room}; }
};

struct Context {
  Trap trap;     // the caller's, as it was
  Frame* frame;  // the caller's, for the status; null: nobody called
  std::int32_t client;
  std::uint16_t callee;  // index in kPartitions
  std::uint8_t out_count;
  std::uint32_t ticks_left;
  std::size_t in_used, out_used;  // bytes of the callee's areas
  std::array<Output, kMaxVectors> outputs;
};

// A request as either world makes it, its vectors copied out of the caller's
// memory and not yet checked. Vectors beyond the counts hold nothing.
struct Request {
  Request(std::int32_t from, std::uint32_t service, std::int32_t operation)
      : client(from), sid(service), op(operation) {}

  std::int32_t client;
  std::uint32_t sid;
  std::int32_t op;
  std::uint8_t in_count = 0, out_count = 0;
  std::array<InVec, kMaxVectors> in;
  std::array<OutVec, kMaxVectors> out;
  std::uintptr_t out_array = 0;  // of the caller's OutVecs
};

// The partition that runs now, or null.
const Partition* Running();

// Makes the exception return lead into the interrupt function of the partition
// of that index, on top of whatever was interrupted. False if it is in a call
// or was stopped.
bool EnterInterrupt(Trap& trap, std::size_t index, std::uint32_t irq);

}  // namespace cai::spm
