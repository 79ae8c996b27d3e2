// Services and partitions by number. Authority (who may call which op) is data
// in device/images/<board>.toml; this file only names things for both worlds.
#pragma once

#include <cstdint>

namespace cai::spm {

enum class PartitionId : std::int32_t {
  kCrypto = 1,
  kStorage = 2,
  kAttest = 3,
  kSeal = 4,
  kInfer = 5,
  kSensor = 6,
  kTest = 7,  // test builds only
  kUpdate = 10,
};

// A static handle as psa_call takes it is kHandleBase | Sid.
constexpr std::int32_t kHandleBase = 0x40000000;

enum class Sid : std::uint16_t {
  kCrypto = 0x01,    // PSA Crypto API functions; partition crypto
  kIdentity = 0x02,  // UUID, CSR, configuration, keys; partition crypto
  kIts = 0x03,       // Internal Trusted Storage; partition storage
  kPs = 0x04,        // Protected Storage; partition storage
  kAttest = 0x05,    // Initial Attestation, AI and key tokens
  kSeal = 0x06,
  kInfer = 0x07,
  kSensor = 0x08,  // readings (infer) and wall clock (NS, seal)
  kTest = 0x09,
  kUpdate = 0x0C,  // which images run on trial; partition update
};

// Sid::kIdentity
enum class IdentityOp : std::int32_t {
  kUuid = 0,       // out0: 16 B uuid, out1: 33 B ueid.            NS, any
  kConfig = 1,     // out0: configuration CBOR without secrets.    NS
  kCsr = 2,        // in0: u32 Purpose; out0: PKCS#10 DER.         NS
  kCriDigest = 3,  // in0: u32 Purpose; out0: SHA-256 of the CSR's
                   // CertificationRequestInfo, out1: 64 B public. attest
  kPublicKey = 4,  // in0: u32 Purpose; out0: 64 B x || y.         attest, seal
};
enum class Purpose : std::uint32_t {
  kTlsClient = 1,  // OU "Device Client TLS"
  kCoseSign = 2,   // OU "Device COSE SIGN/Encrypt"
  kIak = 3,        // public key only, no CSR
};

// PSA key identifiers that exist from start (crypto partition), by owner.
constexpr std::uint32_t kKeyTlsClient = 0x7fff0001;  // NS: ES256 over a hash
constexpr std::uint32_t kKeyBootstrap = 0x7fff0002;  // NS: ES256 over a hash
constexpr std::uint32_t kKeyCoseSign = 0x7fff0003;   // seal
constexpr std::uint32_t kKeyIak = 0x7fff0004;        // attest
constexpr std::uint32_t kKeyModelKek = 0x7fff0005;   // infer (ECDH)

// Sid::kAttest
enum class AttestOp : std::int32_t {
  kToken = 0,      // in0: challenge 32/48/64; out0: RFC 9783 token. NS
  kTokenSize = 1,  // in0: u32 challenge size; out0: u32.            NS
  kKeyToken = 2,   // in0: nonce 32, in1: u32 Purpose; out0: token.  NS
  kAiToken = 3,    // in0: AiTokenRequest {svc 8, nonce 32, cnf 64};
                   // out0: token, out1: token-id 32,
                   // out2: u32 measure_gen.                         seal
};

// Sid::kSeal
enum class SealOp : std::int32_t {
  kServiceKey = 0,  // in0: svc-key message (protocol.md 1.6).       NS
  kDownlink = 1,    // in0: challenge or command as received on /d.  NS
  kNext = 2,        // out0: SealNext {u32 kind, u32 wait_ms},
                    // out1: the message (at most 2 KiB).            NS
  kStatus = 3,      // out0: CBOR map for the shell.                 NS
};
enum class SealKind : std::uint32_t {
  kNothing = 0,         // ask again after wait_ms
  kSession = 1,         // publish on cai/<uuid>/s, and keep for repeats
  kReading = 2,         // publish on cai/<uuid>/r
  kNeedServiceKey = 3,  // publish hello: no usable service key or nonce yet
};

// Sid::kInfer
enum class InferOp : std::int32_t {
  kRun = 0,           // out0: InferenceResult (infer/api.h).        seal
  kMeasurements = 1,  // out0: CBOR, see infer/api.h.                attest
  kModels = 2,        // out0: CBOR [* [name, version, sha256]].     NS, seal
  kLargest = 3,       // out0: InferenceSizes (infer/api.h).         seal
};

// Sid::kSensor
enum class SensorOp : std::int32_t {
  kRead = 0,     // out0: SensorSample (sensor/api.h).                  infer
  kTime = 1,     // out0: u64 Unix seconds.                             NS, seal
  kPresent = 2,  // out0: u32 bit mask of sensors that answer.       NS
};

// Sid::kIts and kPs: ops 0 set, 1 get, 2 get_info, 3 remove, 4 get_support.

}  // namespace cai::spm
