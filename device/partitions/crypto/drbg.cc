#include "device/partitions/crypto/drbg.h"

#include "lib/crypto/hash.h"

namespace cai::crypto_partition {
namespace {

constexpr std::size_t kMaxRequest = 65536;  // SP 800-90A, table 2

// Instantiated from 48 bytes 0, 1, 2...: the second request of 32 bytes. Made
// with Python's hmac module, by the text of the standard.
constexpr ByteArray<32> kKnownAnswer = {
    std::byte{0x08}, std::byte{0x76}, std::byte{0x76}, std::byte{0x56},
    std::byte{0xd3}, std::byte{0xe9}, std::byte{0x66}, std::byte{0x9e},
    std::byte{0xb6}, std::byte{0x68}, std::byte{0xd1}, std::byte{0xe1},
    std::byte{0xf5}, std::byte{0xb8}, std::byte{0x0d}, std::byte{0x27},
    std::byte{0xbb}, std::byte{0x1a}, std::byte{0xee}, std::byte{0x12},
    std::byte{0xff}, std::byte{0x71}, std::byte{0x9e}, std::byte{0xeb},
    std::byte{0x83}, std::byte{0xe3}, std::byte{0xdc}, std::byte{0xe0},
    std::byte{0x06}, std::byte{0x71}, std::byte{0x8c}, std::byte{0x16}};

}  // namespace

bool Drbg::SelfTest() {
  ByteArray<48> material;
  for (std::size_t i = 0; i < material.size(); ++i) material[i] = std::byte(i);
  ByteArray<32> out;
  Drbg drbg;
  drbg.Instantiate({material});
  drbg.Generate(out);
  drbg.Generate(out);
  return Equal(out, kKnownAnswer);
}

void Drbg::Instantiate(std::initializer_list<Bytes> material) {
  std::ranges::fill(key_.mutable_bytes(), std::byte{0x00});
  std::ranges::fill(value_.mutable_bytes(), std::byte{0x01});
  Update(material);
  seeded_ = true;
}

void Drbg::Generate(MutableBytes out) {
  for (std::size_t at = 0; at < out.size(); at += kMaxRequest)
    GenerateRequest(out.subspan(at, std::min(kMaxRequest, out.size() - at)));
}

void Drbg::GenerateRequest(MutableBytes out) {
  while (!out.empty()) {
    Secret<32> next;
    crypto::Hmac(key_.bytes(), {value_.bytes()}, next.mutable_bytes());
    value_ = std::move(next);
    out = out.subspan(CopyInto(out, value_.bytes()).size());
  }
  Update({});
}

// HMAC_DRBG_Update (10.1.2.2): twice with data, once without.
void Drbg::Update(std::initializer_list<Bytes> data) {
  UpdateOnce(std::byte{0x00}, data);
  if (data.size() > 0) UpdateOnce(std::byte{0x01}, data);
}

void Drbg::UpdateOnce(std::byte separator, std::initializer_list<Bytes> data) {
  const Bytes middle(&separator, 1);
  // Material comes in at most three parts; see Instantiate().
  Bytes part[3];
  std::copy_n(data.begin(), std::min<std::size_t>(data.size(), 3), part);

  Secret<32> key;
  crypto::Hmac(key_.bytes(),
               {value_.bytes(), middle, part[0], part[1], part[2]},
               key.mutable_bytes());
  key_ = std::move(key);
  Secret<32> value;
  crypto::Hmac(key_.bytes(), {value_.bytes()}, value.mutable_bytes());
  value_ = std::move(value);
}

}  // namespace cai::crypto_partition
