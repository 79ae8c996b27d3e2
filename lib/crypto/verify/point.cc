#include "lib/crypto/verify/point.h"

namespace cai::crypto::verify {
namespace {

// SP 800-186, 3.2.1.3; least limb first.
constexpr Number kB = {0x27d2604b, 0x3bce3c3e, 0xcc53b0f6, 0x651d06b0,
                       0x769886bc, 0xb3ebbd55, 0xaa3a93e7, 0x5ac635d8};
constexpr Number kGx = {0xd898c296, 0xf4a13945, 0x2deb33a0, 0x77037d81,
                        0x63a440f2, 0xf8bce6e5, 0xe12c4247, 0x6b17d1f2};
constexpr Number kGy = {0x37bf51f5, 0xcbb64068, 0x6b315ece, 0x2bce3357,
                        0x7c0f9e16, 0x8ee7eb4a, 0xfe1a7f9b, 0x4fe342e2};

constexpr Number kOne = Radix(kP);
constexpr Number kToMontgomery = RadixSquared(kP);

Number Plus(const Number& a, const Number& b) { return AddModulo(a, b, kP); }
Number Minus(const Number& a, const Number& b) {
  return SubtractModulo(a, b, kP);
}
Number Times(const Number& a, const Number& b) { return MultiplyP(a, b); }
Number Square(const Number& a) { return MultiplyP(a, a); }
Number Twice(const Number& a) { return AddModulo(a, a, kP); }

Number Montgomery(const Number& a) { return Times(a, kToMontgomery); }

bool OnCurve(const Number& x, const Number& y) {
  const Number three_x = Plus(x, Twice(x));
  const Number right =
      Plus(Minus(Times(Square(x), x), three_x), Montgomery(kB));
  return Square(y) == right;
}

// A number as digits 0 or odd between -15 and 15, of which at most every fifth
// is not 0 (window non-adjacent form).
constexpr int kWindow = 5;
constexpr std::size_t kDigits = 257;
constexpr std::size_t kOddMultiples = 1u << (kWindow - 2);
using Digits = std::array<std::int8_t, kDigits>;

void ShiftRight(Number& a, std::uint32_t carry) {
  for (std::size_t i = 8; i-- > 0;) {
    const std::uint32_t low = a[i] & 1;
    a[i] = a[i] >> 1 | carry << 31;
    carry = low;
  }
}

Digits Recode(Number k) {
  constexpr std::int32_t kSpan = 1 << kWindow;
  Digits digits{};
  for (std::int8_t& digit : digits) {
    std::uint32_t carry = 0;
    if ((k[0] & 1) != 0) {
      std::int32_t low = static_cast<std::int32_t>(k[0]) & (kSpan - 1);
      if (low >= kSpan / 2) low -= kSpan;
      digit = static_cast<std::int8_t>(low);
      const Number size{static_cast<std::uint32_t>(low < 0 ? -low : low)};
      if (low < 0)
        carry = AddTo(k, k, size);
      else
        SubtractTo(k, k, size);
    }
    ShiftRight(k, carry);
  }
  return digits;
}

// a, 3 a, 5 a, ... 15 a
class Multiples {
 public:
  explicit Multiples(const Point& a) {
    const Point twice = Double(a);
    odd_[0] = a;
    for (std::size_t i = 1; i < odd_.size(); ++i)
      odd_[i] = Add(odd_[i - 1], twice);
  }
  // `digit` is odd.
  Point Of(std::int8_t digit) const {
    if (digit > 0) return odd_[static_cast<std::size_t>(digit) / 2];
    return Negate(odd_[static_cast<std::size_t>(-digit) / 2]);
  }

 private:
  std::array<Point, kOddMultiples> odd_;
};

}  // namespace

Point Generator() { return {Montgomery(kGx), Montgomery(kGy), kOne}; }

Point FromPublic(const P256Public& key) {
  const Number x = FromBigEndian(key.x().first<32>());
  const Number y = FromBigEndian(key.y().first<32>());
  if (!Less(x, kP) || !Less(y, kP)) return {};
  const Point point{Montgomery(x), Montgomery(y), kOne};
  return OnCurve(point.x, point.y) ? point : Point{};
}

Point Negate(const Point& a) { return {a.x, Minus(Number{}, a.y), a.z}; }

// With 3 (x - z^2) (x + z^2) as the tangent's slope, since a = -3.
Point Double(const Point& a) {
  const Number delta = Square(a.z);
  const Number gamma = Square(a.y);
  const Number beta = Times(a.x, gamma);
  const Number third = Times(Minus(a.x, delta), Plus(a.x, delta));
  const Number slope = Plus(third, Twice(third));
  const Number four_beta = Twice(Twice(beta));
  Point out;
  out.x = Minus(Square(slope), Twice(four_beta));
  out.z = Minus(Minus(Square(Plus(a.y, a.z)), gamma), delta);
  const Number eight = Twice(Twice(Twice(Square(gamma))));
  out.y = Minus(Times(slope, Minus(four_beta, out.x)), eight);
  return out;
}

Point Add(const Point& a, const Point& b) {
  if (a.infinite()) return b;
  if (b.infinite()) return a;
  const Number za = Square(a.z), zb = Square(b.z);
  const Number xa = Times(a.x, zb), xb = Times(b.x, za);
  const Number ya = Times(a.y, Times(b.z, zb));
  const Number yb = Times(b.y, Times(a.z, za));
  const Number run = Minus(xb, xa), rise = Minus(yb, ya);
  if (IsZero(run)) return IsZero(rise) ? Double(a) : Point{};
  const Number run2 = Square(run), run3 = Times(run, run2);
  const Number middle = Times(xa, run2);
  Point out;
  out.x = Minus(Minus(Square(rise), run3), Twice(middle));
  out.y = Minus(Times(rise, Minus(middle, out.x)), Times(ya, run3));
  out.z = Times(Times(a.z, b.z), run);
  return out;
}

Point DoubleMultiply(const Number& u, const Point& a, const Number& v,
                     const Point& b) {
  const Digits us = Recode(u), vs = Recode(v);
  const Multiples as(a), bs(b);
  Point sum;
  for (std::size_t i = kDigits; i-- > 0;) {
    sum = Double(sum);
    if (us[i] != 0) sum = Add(sum, as.Of(us[i]));
    if (vs[i] != 0) sum = Add(sum, bs.Of(vs[i]));
  }
  return sum;
}

}  // namespace cai::crypto::verify
