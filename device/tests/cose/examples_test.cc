// COSE examples on the device, over PSA Crypto as the crypto partition has it:
// TAP lines, and a table by folder. An example whose algorithm the
// configuration lacks is skipped and counted; a negative must be refused either
// way.
#include "device/arch/armv8m/bare/bare.h"
#include "device/tests/cose/packed.h"
#include "lib/cose/open.h"
#include "lib/crypto/psa/alone.h"

extern "C" const std::byte cai_examples_start[], cai_examples_end[];

namespace cai::cose::packed {
namespace {

using bare::Print;

const Label kUnderstood[] = {Label("reserved")};  // RFC 8152, C.1.4

struct Example {
  Bytes folder, title;
  MessageType type;
  bool fails, unprotected_algorithm;
  Tagging tagging;
  Algorithm algorithm;
  Bytes external_aad, plaintext, message;
  std::optional<Bytes> full_iv;
};

Example ReadHead(Reader& in) {
  Example e{};
  e.folder = in.Field();
  e.title = in.Field();
  e.type = static_cast<MessageType>(in.Byte());
  const unsigned flags = in.Byte();
  e.fails = (flags & 1) != 0;
  e.tagging = (flags & 2) != 0 ? Tagging::kUntagged : Tagging::kTagged;
  e.unprotected_algorithm = (flags & 4) != 0;
  e.algorithm = in.Number();
  e.external_aad = in.Field();
  e.plaintext = in.Field();
  e.message = in.Field();
  e.full_iv = in.Optional();
  return e;
}

Status Same(Bytes found, Bytes expected) {
  return Equal(found, expected) ? Status(kDone) : Status(Error::kCoseMalformed);
}

Expected ExpectedOf(const Example& e, Algorithm algorithm, Bytes aad) {
  return {.algorithm = algorithm,
          .external_aad = aad,
          .understood = kUnderstood,
          .unprotected_algorithm = e.unprotected_algorithm};
}

Status CheckSigner(const Example& e, const Message& message,
                   const Signer& signer) {
  CAI_TRY_ASSIGN(
      const Bytes payload,
      VerifySigned(message, signer.key,
                   ExpectedOf(e, signer.algorithm, signer.external_aad)));
  return Same(payload, e.plaintext);
}

Result<ContentKey> KeyFor(const Example& e, const Message& message,
                          const Recipient& r) {
  if (message.layers.empty()) {
    ContentKey key;
    CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(r.key.k.size()));
    CopyInto(out, r.key.k);
    return key;
  }
  return FindContentKey(message, e.algorithm, r.key,
                        {.algorithms = std::span(r.algorithms).first(r.levels),
                         .kdf = r.kdf,
                         .sender = r.sender ? &*r.sender : nullptr});
}

// The Base IV that the sender's full IV and the Partial IV sent give.
Status AddBaseIv(const Example& e, const Message& message,
                 std::span<std::byte, crypto::kMaxNonceSize> room, Key& key) {
  if (!e.full_iv) return kDone;
  CAI_TRY_ASSIGN(const auto partial, message.headers.Bstr(Header::kPartialIv));
  if (!partial) return Error::kCoseBadIv;
  const MutableBytes base = CopyInto(room, *e.full_iv);
  const MutableBytes end = base.last(partial->size());
  for (std::size_t i = 0; i < end.size(); ++i) end[i] ^= (*partial)[i];
  key.base_iv = base;
  return kDone;
}

Status CheckRecipient(const Example& e, const Message& message,
                      const Recipient& recipient) {
  CAI_TRY_ASSIGN(const ContentKey content, KeyFor(e, message, recipient));
  ByteArray<crypto::kMaxNonceSize> base;
  Key key = content.key();
  CAI_TRY(AddBaseIv(e, message, base, key));
  const Expected expected = ExpectedOf(e, e.algorithm, e.external_aad);
  if (IsMaced(e.type)) {
    CAI_TRY_ASSIGN(const Bytes payload, VerifyMaced(message, key, expected));
    return Same(payload, e.plaintext);
  }
  ByteArray<512> room;
  CAI_TRY_ASSIGN(const Bytes text, OpenEncrypted(message, key, expected, room));
  return Same(text, e.plaintext);
}

// Reads on to the next example whatever becomes of this one.
Status RunExample(const Example& e, Reader& in) {
  const auto message = ParseMessage(e.message, e.type, e.tagging);
  Status status = kDone;
  if (!message.ok()) status = message.error();
  for (unsigned left = in.Byte(); left > 0; --left) {
    const Signer signer = in.ReadSigner();
    if (status.ok()) status = CheckSigner(e, *message, signer);
  }
  for (unsigned left = in.Byte(); left > 0; --left) {
    const Recipient recipient = in.ReadRecipient();
    if (status.ok()) status = CheckRecipient(e, *message, recipient);
  }
  return status;
}

bool NotBuiltIn(Error error) {
  return error == Error::kCryptoUnsupported || error == Error::kCoseUnsupported;
}

struct Row {
  Bytes folder;
  std::uint32_t passed = 0, refused = 0, not_built_in = 0, failed = 0;

  void Show() const {
    if (folder.empty()) return;
    Print("# ");
    Print(AsText(folder));
    Print(": ");
    Print(passed);
    Print(" passed, ");
    Print(refused);
    Print(" refused, ");
    Print(not_built_in);
    Print(" not built in, ");
    Print(failed);
    Print(" failed\n");
  }
};

void Report(std::uint32_t number, const Example& e, Status status, Row& row) {
  const bool skipped = !e.fails && !status.ok() && NotBuiltIn(status.error());
  const bool good = skipped || status.ok() != e.fails;
  Print(good ? "ok " : "not ok ");
  Print(number);
  Print(" - ");
  Print(AsText(e.folder));
  Print(": ");
  Print(AsText(e.title));
  if (skipped) Print(" # SKIP not built in");
  Print("\n");
  if (!good && !status.ok()) {
    Print("# error ");
    Print(static_cast<std::uint32_t>(status.error()));
    Print("\n");
  }
  ++(!good     ? row.failed
     : skipped ? row.not_built_in
     : e.fails ? row.refused
               : row.passed);
}

void RunAll() {
  Reader in({cai_examples_start, cai_examples_end});
  const std::uint32_t count = in.Short();
  Row row;
  std::uint32_t passed = 0;
  for (std::uint32_t i = 1; i <= count; ++i) {
    const Example e = ReadHead(in);
    if (!Equal(row.folder, e.folder)) {
      row.Show();
      row = Row{.folder = e.folder};
    }
    const std::uint32_t before = row.passed;
    Report(i, e, RunExample(e, in), row);
    passed += row.passed - before;
  }
  row.Show();
  Print("1..");
  Print(count);
  Print("\n");
  // A run in which nothing was opened has shown nothing.
  bare::Exit(passed == 0);
}

}  // namespace
}  // namespace cai::cose::packed

extern "C" void cai_bare_Main() {
  if (!cai::crypto::StartPsaAlone()) cai::bare::Exit(2);
  cai::cose::packed::RunAll();
}
