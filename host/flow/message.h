// The messages of flow.cddl: parsed, made and opened.
#pragma once

#include <optional>

#include "host/flow/identity.h"
#include "host/flow/state.h"

namespace cai::flow {

enum class Kind { kSession, kSingle };

// ---- Structure: nothing is authentic. Views into the message. --------------

struct SignedMessage {
  Kind kind;
  Bytes session_id;  // of a single message always "single"
  Bytes key_id;      // empty if absent; not protected
  Bytes protected_header;
  Bytes payload;  // flow-encrypt
  std::span<const std::byte, 64> signature;
};

struct Recipient {
  Bytes protected_header;
  Bytes key_id;  // empty if absent; not protected
  crypto::P256Public ephemeral;
  std::span<const std::byte, 24> wrapped;
};

struct EncryptedMessage {
  Bytes protected_header;
  std::span<const std::byte, 12> iv;
  Bytes ciphertext;
  Recipient recipient;
};

struct PayloadMessage {
  Bytes session_id;
  Bytes protected_header;
  std::span<const std::byte, 12> iv;
  Bytes ciphertext;
};

// kFlowMalformed for what is no such message, kFlowSeveralRecipients, or a
// reason of CBOR. Any definite encoding is read.
Result<SignedMessage> ParseSigned(Bytes message);
Result<EncryptedMessage> ParseEncrypted(Bytes message);
Result<PayloadMessage> ParsePayload(Bytes message);

// ---- Sender: whole messages, tagged ----------------------------------------

struct NewSession {
  SessionState state;
  host::Blob message;
};
// `device` has its private half.
Result<NewSession> MakeSession(const Identity& device, const Identity& service);
Result<host::Blob> MakeSingle(const Identity& device, const Identity& service,
                              Bytes plain);
Result<host::Blob> MakePayload(const SessionState& state, Bytes plain);

// ---- Receiver ---------------------------------------------------------------

// kCoseBadSignature unless `device` signed it, kFlowWrongKind if it is the
// other kind of message. `service` has its private half; kCryptoBadTag if the
// message is not for it.
Result<SessionState> OpenSession(Bytes message, const Identity& device,
                                 const Identity& service);
Result<host::Blob> OpenSingle(Bytes message, const Identity& device,
                              const Identity& service);
// kFlowWrongSession if it names another session.
Result<host::Blob> OpenPayload(Bytes message, const SessionState& state);

}  // namespace cai::flow
