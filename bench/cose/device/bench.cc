// Instructions and stack of sealing 64 bytes, beside Mbed TLS's own one-call
// AEAD with a key that is set, the same nonce and length of additional data.
// Prints "name value" lines. Each figure is the mean over one epoch: 256
// messages and the one ratchet (three HKDF-Expand) that they share.
#include "device/arch/armv8m/bare/bare.h"
#include "lib/wire/sealed.h"
#include "mbedtls/chachapoly.h"
#include "mbedtls/gcm.h"

namespace cai {
namespace {

using bare::Print;
using wire::Suite;

constexpr std::uint32_t kMessages = wire::kEpochSize;
constexpr std::size_t kPlain = 64,
                      kMaxMessage = kPlain + wire::kMaxSealedOverhead;

ByteArray<kPlain> plain{};
ByteArray<kMaxMessage> message;
ByteArray<kMaxMessage> messages[kMessages];
ByteArray<kPlain + 16> opened;
wire::Sealer sealer;
wire::Opener opener;

void Require(bool condition) {
  if (condition) return;
  Print("failed\n");
  bare::Exit(1);
}

void Report(std::string_view what, Suite suite, std::uint32_t value) {
  Print(what);
  Print(suite == Suite::kAes128Gcm ? "/aes128gcm " : "/chacha20poly1305 ");
  Print(value);
  Print("\n");
}

// Instructions of one of `count` runs, without the clock's own.
template <typename Run>
std::uint32_t Mean(std::uint32_t count, Run run) {
  const std::uint32_t before = bare::Ticks(), start = bare::Ticks();
  for (std::uint32_t i = 0; i < count; ++i) run(i);
  const std::uint32_t ticks = bare::Ticks() - start - (start - before);
  return (bare::InstructionsOf(ticks) + count / 2) / count;
}

// ---- The primitive ----------------------------------------------------------

mbedtls_chachapoly_context chacha;
mbedtls_gcm_context gcm;
unsigned char nonce[12], aad[24], sealed[kPlain + 16];

void RawChaCha(std::uint32_t i) {
  nonce[11] = static_cast<unsigned char>(i);
  Require(mbedtls_chachapoly_encrypt_and_tag(&chacha, kPlain, nonce, aad, 24,
                                             AsU8(Bytes(plain)), sealed,
                                             sealed + kPlain) == 0);
}

void RawGcm(std::uint32_t i) {
  nonce[11] = static_cast<unsigned char>(i);
  Require(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, kPlain, nonce,
                                    sizeof nonce, aad, 23, AsU8(Bytes(plain)),
                                    sealed, 16, sealed + kPlain) == 0);
}

std::uint32_t Raw(Suite suite) {
  const unsigned char key[32] = {1, 2, 3};
  if (suite == Suite::kChaCha20Poly1305) {
    mbedtls_chachapoly_init(&chacha);
    Require(mbedtls_chachapoly_setkey(&chacha, key) == 0);
    return Mean(kMessages, RawChaCha);
  }
  mbedtls_gcm_init(&gcm);
  Require(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 128) == 0);
  return Mean(kMessages, RawGcm);
}

// ---- Ours -------------------------------------------------------------------

wire::SessionKeys Keys() {
  wire::SessionKeys keys;
  keys.chain.mutable_bytes()[0] = std::byte{7};
  return keys;
}

void Seal(MutableBytes out) { Require(sealer.Seal(plain, out).ok()); }

// Two-byte Partial IVs, as most messages of a session have.
void OpenSealer(Suite suite) {
  sealer.Open(suite, 0x2c02, Keys());
  while (sealer.next() < 2 * kMessages - 1) Seal(message);
}

std::uint32_t SealInstructions(Suite suite) {
  OpenSealer(suite);
  return Mean(kMessages, [](std::uint32_t) { Seal(message); });
}

// The first of an epoch, and one within it.
void SealStack(Suite suite) {
  const auto seal = [](void*) { Seal(message); };
  OpenSealer(suite);
  Seal(message);  // the last of its epoch
  Report("stack_ratchet", suite, bare::StackOf(seal, nullptr));
  Report("stack", suite, bare::StackOf(seal, nullptr));
}

// The other direction, with all checks and the window.
std::uint32_t OpenInstructions(Suite suite) {
  sealer.Open(suite, 0x2c02, Keys());
  for (auto& one : messages) Seal(one);
  wire::LiveSession session(suite, wire::ReceiverState::Begin(Keys()));
  const std::size_t size = kPlain + (suite == Suite::kAes128Gcm ? 32 : 33);
  return Mean(kMessages, [&](std::uint32_t i) {
    const auto parsed = wire::ParseSealed(Bytes(messages[i]).first(size));
    Require(parsed.ok() && opener.Open(session, *parsed, opened).ok());
    session.Accept(parsed->sequence);
  });
}

// The largest of Partial IVs of one to three bytes.
std::size_t Overhead(Suite suite) {
  std::size_t most = 0;
  sealer.Open(suite, 0x2c02, Keys());
  for (const std::uint32_t sequence : {0xffu, 0xffffu, 0x10000u}) {
    while (sealer.next() < sequence) (void)sealer.Seal({}, {});  // burnt
    const auto one = sealer.Seal(plain, message);
    Require(one.ok());
    most = std::max(most, one->size() - kPlain);
  }
  return most;
}

void Measure(Suite suite) {
  Report("raw", suite, Raw(suite));
  Report("seal", suite, SealInstructions(suite));
  Report("open", suite, OpenInstructions(suite));
  SealStack(suite);
  Report("overhead", suite, static_cast<std::uint32_t>(Overhead(suite)));
}

}  // namespace
}  // namespace cai

extern "C" void cai_bare_Main() {
  cai::Measure(cai::wire::Suite::kChaCha20Poly1305);
  cai::Measure(cai::wire::Suite::kAes128Gcm);
  cai::bare::Print("done 0\n");
  cai::bare::Exit(0);
}
