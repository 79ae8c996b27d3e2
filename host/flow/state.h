// What the sender of a session keeps: `session-state` in flow.cddl.
#pragma once

#include "host/common/text.h"
#include "lib/base/secret.h"

namespace cai::flow {

using SessionKey = Secret<16>;
constexpr std::size_t kSessionIdSize = 16;
constexpr std::size_t kMaxSessionId = 256;

struct SessionState {
  SessionKey key;
  host::Blob id;
};

// The bytes hold the key: wipe them.
host::Blob EncodeState(const SessionState& state);

// Keys in any order, others ignored; lists of numbers or byte strings.
// kFlowMalformed for all else.
Result<SessionState> ParseState(Bytes in);

}  // namespace cai::flow
