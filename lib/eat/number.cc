#include "lib/eat/number.h"

#include <cmath>

namespace cai::eat {
namespace {

Result<double> ReadFloat(cbor::Reader& in, cbor::Mode mode) {
  const std::size_t before = in.rest().size();
  CAI_TRY_ASSIGN(const double value, in.Float());
  if (!std::isfinite(value)) return Error::kEatMalformed;
  cbor::Writer shortest({});
  shortest.Float(value);
  const std::size_t size = before - in.rest().size();
  if (mode == cbor::Mode::kStrict && shortest.size() != size)
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
  if (type != cbor::Type::kFloat) return Error::kEatMalformed;
  number.is_float = true;
  CAI_TRY_ASSIGN(number.real, ReadFloat(in, mode));
  return number;
}

void WriteNumber(const Number& number, cbor::Writer& out) {
  if (number.is_float) return out.Float(number.real);
  out.Int(number.integer);
}

}  // namespace cai::eat
