// A few published vectors through the cross compiler's eyes: GCC 12 miscompiled
// a loop for the M55 once (cmake/arm-none-eabi.cmake), and found nobody at
// home.
#include <cstring>

#include "device/tests/ns/tap.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/events/events.h"

namespace cai::test {
namespace {

template <std::size_t N>
bool Is(Bytes bytes, const std::uint8_t (&expected)[N]) {
  return Equal(bytes, AsBytes(expected, N));
}

// FIPS 180-4's two examples: one block, and a message padded into a second.
CAI_DEVICE_TEST(Sha256, MatchesFips180) {
  constexpr std::uint8_t kOne[] = {
      0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
      0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
      0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
  constexpr std::uint8_t kTwo[] = {
      0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26,
      0x93, 0x0c, 0x3e, 0x60, 0x39, 0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff,
      0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1};
  EXPECT(Is(crypto::Sha256::Of(AsBytes("abc")), kOne));
  EXPECT(
      Is(crypto::Sha256::Of(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklm"
                                    "klmnlmnomnopnopq")),
         kTwo));
}

// RFC 5869, A.1.
CAI_DEVICE_TEST(Hkdf, MatchesRfc5869) {
  constexpr std::uint8_t kOkm[] = {
      0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f,
      0x64, 0xd0, 0x36, 0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a,
      0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf, 0x34,
      0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65};
  ByteArray<22> ikm;
  ikm.fill(std::byte{0x0b});
  ByteArray<13> salt;
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = std::byte(i);
  ByteArray<10> info;
  for (std::size_t i = 0; i < info.size(); ++i) info[i] = std::byte(0xf0 + i);
  ByteArray<32> prk;
  ByteArray<42> okm;
  crypto::HkdfExtract(salt, {ikm}, prk);
  crypto::HkdfExpand(prk, info, okm);
  EXPECT(Is(okm, kOkm));
}

// RFC 8439, 2.8.2: its tag; then every length opens, and no changed one.
CAI_DEVICE_TEST(ChaCha20Poly1305, MatchesRfc8439) {
  constexpr char kText[] =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one "
      "tip for the future, sunscreen would be it.";
  constexpr std::uint8_t kTag[] = {0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09,
                                   0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb,
                                   0xd0, 0x60, 0x06, 0x91};
  constexpr std::uint8_t kNonce[] = {0x07, 0,    0,    0,    0x40, 0x41,
                                     0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
  constexpr std::uint8_t kAad[] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1,
                                   0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
  ByteArray<32> key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(0x80 + i);
  const Bytes text = AsBytes(std::string_view(kText));
  const auto nonce = AsBytes(kNonce, 12).first<12>();
  const Bytes aad = AsBytes(kAad, sizeof kAad);
  ByteArray<160> sealed;
  ByteArray<160> opened;
  constexpr auto kAlgorithm = crypto::AeadAlgorithm::kChaCha20Poly1305;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto out =
        crypto::AeadSeal(kAlgorithm, key, nonce, aad, text.first(size), sealed);
    EXPECT(out.ok());
    const auto back =
        crypto::AeadOpen(kAlgorithm, key, nonce, aad, *out, opened);
    EXPECT(back.ok() && Equal(*back, text.first(size)));
    sealed[size] ^= std::byte{1};
    EXPECT(!crypto::AeadOpen(kAlgorithm, key, nonce, aad, *out, opened).ok());
    sealed[size] ^= std::byte{1};
  }
  EXPECT(Is(Bytes(sealed).subspan(text.size(), 16), kTag));
}

CAI_DEVICE_TEST(Cbor, WritesRfc8949Examples) {
  constexpr std::uint8_t kExpected[] = {
      0x84, 0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00,  // 10^12
      0x39, 0x03, 0xe7,                                            // -1000
      0x44, 0x01, 0x02, 0x03, 0x04, 0x64, 'I',  'E',  'T',  'F'};
  constexpr std::uint8_t kBytes[] = {1, 2, 3, 4};
  ByteArray<32> out;
  cbor::Writer writer(out);
  writer.Array(4);
  writer.Uint(1'000'000'000'000);
  writer.Int(-1000);
  writer.Bstr(AsBytes(kBytes, 4));
  writer.Text("IETF");
  const auto encoded = writer.Finish();
  EXPECT(encoded.ok() && Is(*encoded, kExpected));
}

CAI_DEVICE_TEST(Events, CrcMatchesTheCatalogue) {
  EXPECT(events::Crc16(AsBytes("123456789")) == 0x29B1);
}

}  // namespace
}  // namespace cai::test
