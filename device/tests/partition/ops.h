// What the test partitions do on request; for them and for the NS tests. The
// hostile partition serves kCallPeer (out0: i32 status), kPrivileges (out0: bit
// mask of what was granted) and all from kRead on.
#pragma once

#include <cstdint>

namespace cai::test {

constexpr std::uint16_t kSid = 0x09, kPeerSid = 0x0A, kHostileSid = 0x0B;
constexpr std::uint16_t kVersion = 3;

enum class Op : std::int32_t {
  kEcho = 0,        // in0 -> out0, in1 -> out1; as much as fits
  kDescribe = 1,    // out0: Description of the message
  kStatus = 2,      // in0: i32; returns it, having written 4 bytes to out0
  kSpin = 3,        // in0: u32 ms
  kUptime = 4,      // out0: u64
  kCallPeer = 5,    // in0: PeerCall, in1: data -> out0: PeerResult, out1: data
  kPrivileges = 6,  // out0: u32 number of the first check that failed, or 0
  kHold = 7,        // out0: what the areas held before this call: must be zeros
  kOverstate = 8,   // claims to have written 1 MiB to out0
  kMisdirect = 9,   // points its message's out0 elsewhere, then writes there
  kRaise = 10,      // in0: u32 bytes to send on its UART, each an interrupt
  kInterrupts = 11,        // out0: Interrupts
  kFaultOnInterrupt = 12,  // its next interrupt ends it

  // From here on it should not live.
  kRead = 16,      // in0: u32 address
  kWrite = 17,     // in0: u32 address
  kExecute = 18,   // in0: u32 address
  kOverflow = 19,  // uses up its stack
  kHang = 20,
  kUndefined = 21,
  kForgeNsCall = 22,  // the veneer's own supervisor call
  kForgeStart = 23,
  kUnknownSvc = 24,
  kBadStack = 25,  // moves sp into another partition's RAM, then svc
  kBreakpoint = 26,
  kBadFrame = 27,  // has a callee write over its stacked frame
};

struct Description {
  std::int32_t client;
  std::uint32_t sid;
  std::int32_t op;
  std::uint32_t in_count, out_count;
  std::uint32_t in_sizes[4], out_sizes[4];
  std::uint32_t unprivileged;  // CONTROL
};

struct Interrupts {
  std::uint32_t count;
  std::uint32_t irq;           // of the last
  std::uint32_t unprivileged;  // CONTROL, in the function that serves them
  std::uint32_t inside_call;   // how many came while a call was being served
};

struct PeerCall {
  std::uint32_t sid;
  std::int32_t op;
  std::uint32_t bad;  // 0 honest; else which pointer is not ours, see code
};
struct PeerResult {
  std::int32_t status;
  std::uint32_t out_len;
};

// Sid kPeerSid.
enum class PeerOp : std::int32_t {
  kReverse = 0,   // in0 reversed -> out0. NS, test
  kDescribe = 1,  // test
  kFault = 2,     // test
  kHang = 3,      // test
  kWhere = 16,    // out0: u32 address of a variable of the peer. NS
};

}  // namespace cai::test
