// For tests of the full library: keys made on the spot, header maps.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "lib/cose/make.h"
#include "lib/crypto/asymmetric.h"
#include "tests/hex.h"

namespace cai::cose::testing {

using Blob = std::vector<std::byte>;

// A key pair from a scalar of one repeated byte, as private and as public Key.
class Pair {
 public:
  Pair(crypto::KeyKind kind, int fill)
      : d_(crypto::FieldSize(kind), std::byte(fill)) {
    if (kind == crypto::KeyKind::kP521) d_[0] = std::byte{0};
    secret = {
        .type = crypto::IsWeierstrass(kind) ? Key::Type::kEc2 : Key::Type::kOkp,
        .numbers = {.kind = kind, .d = d_}};
    const auto imported = crypto::ImportKey(secret.numbers);
    open = {.type = secret.type,
            .numbers = *crypto::ExportPublic(*imported, room_)};
    secret.numbers.x = open.numbers.x;
    secret.numbers.y = open.numbers.y;
  }
  Pair(const Pair&) = delete;

  Key secret, open;

 private:
  Blob d_;
  ByteArray<crypto::kPublicRoom> room_;
};

inline Blob Map(auto write) {
  Blob room(400);
  HeaderWriter writer(room);
  write(writer);
  const auto map = writer.Finish();
  EXPECT_TRUE(map.ok());
  room.resize(map->size());
  return room;
}
inline Blob Alg(Algorithm algorithm) {
  return Map([&](HeaderWriter& w) { w.Algorithm(algorithm); });
}
inline Blob Kid(std::string_view id) {
  return Map([&](HeaderWriter& w) { w.Bstr(Header::kKeyId, AsBytes(id)); });
}

// What was made, or a failure.
inline Blob Made(const Result<Bytes>& made) {
  EXPECT_TRUE(made.ok());
  if (!made.ok()) return {};
  return Blob(made->begin(), made->end());
}

template <typename T>
Error Reason(const Result<T>& result) {
  return result.ok() ? Error{} : result.error();
}

}  // namespace cai::cose::testing
