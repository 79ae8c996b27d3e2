#include "lib/eat/number.h"

#include <bit>
#include <cmath>

namespace cai::eat {
namespace {

// IEEE 754 binary16 has 5 bits of exponent and 10 of fraction.
double FromHalf(std::uint16_t half) {
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  double value;
  if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else if (exponent == 31)
    value = fraction == 0 ? HUGE_VAL : NAN;
  else
    value = std::ldexp(fraction + 1024, exponent - 25);
  return half & 0x8000 ? -value : value;
}

// The half of this value, if there is one. A half of the magnitude 2^e and
// below 2^(e+1) is a multiple of 2^(e-10), and of 2^-24 at least.
std::optional<std::uint16_t> ToHalf(double value) {
  const auto sign =
      static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::fabs(value);
  if (size == 0) return sign;
  if (size > 65504) return std::nullopt;
  const int exponent = std::max(std::ilogb(size), -14);
  const double units = std::ldexp(size, 10 - exponent);
  if (units != std::floor(units)) return std::nullopt;
  const auto fraction = static_cast<std::uint16_t>(units);  // < 2048
  if (fraction < 1024) return static_cast<std::uint16_t>(sign | fraction);
  return static_cast<std::uint16_t>(sign | (exponent + 15) << 10 |
                                    (fraction - 1024));
}

void WriteFloat(double value, cbor::Writer& out) {
  ByteArray<9> item{std::byte{0xf9}};
  if (const auto half = ToHalf(value)) {
    CopyInto(MutableBytes(item).subspan(1), BigEndian(*half));
    return out.Raw(Bytes(item).first(3));
  }
  const auto single = static_cast<float>(value);
  if (single == value) {
    item[0] = std::byte{0xfa};
    CopyInto(MutableBytes(item).subspan(1),
             BigEndian(std::bit_cast<std::uint32_t>(single)));
    return out.Raw(Bytes(item).first(5));
  }
  item[0] = std::byte{0xfb};
  CopyInto(MutableBytes(item).subspan(1),
           BigEndian(std::bit_cast<std::uint64_t>(value)));
  out.Raw(item);
}

// The float that `item`, well-formed and of major type 7, encodes.
Result<double> Decode(Bytes item) {
  std::uint64_t bits = 0;
  for (const std::byte b : item.subspan(1))
    bits = bits << 8 | std::to_integer<std::uint64_t>(b);
  switch (std::to_integer<unsigned>(item[0])) {
    case 0xf9:
      return FromHalf(static_cast<std::uint16_t>(bits));
    case 0xfa:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case 0xfb:
      return std::bit_cast<double>(bits);
    default:
      return Error::kEatMalformed;
  }
}

Result<double> ReadFloat(cbor::Reader& in, cbor::Mode mode) {
  CAI_TRY_ASSIGN(const Bytes item, in.Skip());
  CAI_TRY_ASSIGN(const double value, Decode(item));
  if (!std::isfinite(value)) return Error::kEatMalformed;
  cbor::Writer shortest({});
  WriteFloat(value, shortest);
  if (mode == cbor::Mode::kStrict && shortest.size() != item.size())
    return Error::kCborNotShortest;
  return value;
}

}  // namespace

Result<Number> ReadNumber(cbor::Reader& in, cbor::Mode mode) {
  Number number;
  CAI_TRY_ASSIGN(const cbor::Type type, in.Peek());
  if (type == cbor::Type::kUint || type == cbor::Type::kNint) {
    CAI_TRY_ASSIGN(number.integer, in.Int());
    return number;
  }
  if (type != cbor::Type::kOther) return Error::kEatMalformed;
  number.is_float = true;
  CAI_TRY_ASSIGN(number.real, ReadFloat(in, mode));
  return number;
}

void WriteNumber(const Number& number, cbor::Writer& out) {
  if (number.is_float) return WriteFloat(number.real, out);
  out.Int(number.integer);
}

}  // namespace cai::eat
