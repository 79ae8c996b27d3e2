// Points of P-256 (FIPS 186-5; SEC 1, 2.2): the curve y^2 = x^3 - 3 x + b.
// Public points alone: time depends on them.
#pragma once

#include "lib/crypto/p256.h"
#include "lib/crypto/verify/field.h"

namespace cai::crypto::verify {

// (x / z^2, y / z^3), each in Montgomery's form; infinity has z = 0.
struct Point {
  Number x{}, y{}, z{};
  bool infinite() const { return IsZero(z); }
};

Point Generator();

// Infinity unless both coordinates are below p and the point is on the curve.
Point FromPublic(const P256Public& key);

Point Double(const Point& a);
Point Add(const Point& a, const Point& b);
Point Negate(const Point& a);

// u a + v b.
Point DoubleMultiply(const Number& u, const Point& a, const Number& v,
                     const Point& b);

}  // namespace cai::crypto::verify
