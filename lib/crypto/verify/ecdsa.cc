#include "lib/crypto/verify/ecdsa.h"

#include "lib/crypto/verify/point.h"

namespace cai::crypto::verify {
namespace {

constexpr Number kToMontgomeryP = RadixSquared(kP);
constexpr Number kToMontgomeryN = RadixSquared(kN);

bool InRange(const Number& a) { return !IsZero(a) && Less(a, kN); }

// How far the point's x is from `x`, which is below p: x z^2 against X.
std::uint32_t Distance(const Point& point, const Number& x) {
  const Number z2 = MultiplyP(point.z, point.z);
  const Number wanted = MultiplyP(MultiplyP(x, kToMontgomeryP), z2);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= wanted[i] ^ point.x[i];
  return bits;
}

// x counts modulo n, which is below p: x = r or, rarely, x = r + n.
std::uint32_t DistanceModuloN(const Point& point, const Number& r) {
  const std::uint32_t first = Distance(point, r);
  Number second;
  if (first == 0 || AddTo(second, r, kN) != 0 || !Less(second, kP))
    return first;
  return Distance(point, second);
}

}  // namespace

std::uint32_t Mismatch(const P256Public& key,
                       std::span<const std::byte, 32> hash,
                       std::span<const std::byte, 64> signature) {
  const Number r = FromBigEndian(signature.first<32>());
  const Number s = FromBigEndian(signature.last<32>());
  const Point owner = FromPublic(key);
  if (!InRange(r) || !InRange(s) || owner.infinite()) return kRefused;
  // Plain times Montgomery's form gives plain; the hash need not be below n.
  const Number w = InvertN(MultiplyN(s, kToMontgomeryN));
  const Number u = MultiplyN(FromBigEndian(hash), w);
  const Number v = MultiplyN(r, w);
  const Point point = DoubleMultiply(u, Generator(), v, owner);
  if (point.infinite()) return kRefused;
  return DistanceModuloN(point, r);
}

}  // namespace cai::crypto::verify
