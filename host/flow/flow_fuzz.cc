// Hostile messages and states: no crash, no view outside of the input, and a
// state that parses survives its own encoding.
#include <cstdlib>

#include "host/flow/message.h"

namespace {

using namespace cai;

void Require(bool holds) {
  if (!holds) std::abort();
}

void Inside(Bytes part, Bytes whole) {
  Require(part.empty() ||
          (part.data() >= whole.data() &&
           part.data() + part.size() <= whole.data() + whole.size()));
}

void State(Bytes in) {
  const auto state = flow::ParseState(in);
  if (!state.ok()) return;
  const auto again = flow::ParseState(flow::EncodeState(*state));
  Require(again.ok() && again->key == state->key && again->id == state->id);
}

void Encrypted(Bytes in) {
  const auto message = flow::ParseEncrypted(in);
  if (!message.ok()) return;
  Inside(message->ciphertext, in);
  Inside(message->recipient.wrapped, in);
}

void Messages(Bytes in) {
  if (const auto message = flow::ParseSigned(in); message.ok()) {
    Inside(message->signature, in);
    Encrypted(message->payload);
  }
  if (const auto message = flow::ParsePayload(in); message.ok()) {
    Inside(message->ciphertext, in);
    flow::SessionState state;
    state.id = host::ToBlob(message->session_id);
    (void)flow::OpenPayload(in, state);
  }
  Encrypted(in);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  State(AsBytes(data, size));
  Messages(AsBytes(data, size));
  return 0;
}
