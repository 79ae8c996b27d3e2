// Uses Sign1 and Encrypt0 in both directions and nothing else; bench/cose.py
// weighs what of the library that brings into the program.
#include "device/arch/armv8m/bare/bare.h"
#include "lib/cose/sign1.h"
#include "lib/wire/sealed.h"

namespace cai {
namespace {

ByteArray<256> message, work;
crypto::P256Public peer;
wire::Sealer sealer;
wire::Opener opener;

bool Sign1BothWays(Bytes payload) {
  const cose::Sign1Header header{65001, Bytes(work).first(8)};
  const auto made = cose::MakeSign1(header, payload, {}, message);
  return made.ok() && cose::OpenSign1(*made, header, peer).ok();
}

bool Encrypt0BothWays(wire::LiveSession& session, Bytes payload) {
  const auto sealed = sealer.Seal(payload, message);
  if (!sealed.ok()) return false;
  const auto parsed = wire::ParseSealed(*sealed);
  return parsed.ok() && opener.Open(session, *parsed, work).ok();
}

}  // namespace
}  // namespace cai

extern "C" void cai_bare_Main() {
  using namespace cai;
  const auto keys = [] { return wire::SessionKeys{}; };
  const auto suite = wire::Suite::kChaCha20Poly1305;
  sealer.Open(suite, 1, keys());
  wire::LiveSession session(suite, wire::ReceiverState::Begin(keys()));
  const Bytes payload = Bytes(work).first(64);
  bare::Exit(Sign1BothWays(payload) && Encrypt0BothWays(session, payload) ? 0
                                                                          : 1);
}
