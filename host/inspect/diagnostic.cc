// Diagnostic notation (RFC 8949, 8).
#include <cmath>
#include <cstdio>

#include "host/inspect/item.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;

std::string NintText(std::uint64_t argument) {
  // -1 - argument; the least one needs a bit more than 64.
  if (argument == ~0ull) return "-18446744073709551616";
  return "-" + std::to_string(argument + 1);
}

std::string FloatText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", number);
  double shorter = 0;
  for (int digits = 1; digits < 17; ++digits) {
    char attempt[40];
    std::snprintf(attempt, sizeof(attempt), "%.*g", digits, number);
    if (std::sscanf(attempt, "%lf", &shorter) == 1 && shorter == number)
      return std::string(attempt).find_first_of(".e") == std::string::npos
                 ? std::string(attempt) + ".0"
                 : attempt;
  }
  return text;
}

std::string SimpleText(std::uint64_t value) {
  switch (value) {
    case 20:
      return "false";
    case 21:
      return "true";
    case 22:
      return "null";
    case 23:
      return "undefined";
    default:
      return "simple(" + std::to_string(value) + ")";
  }
}

// Items between brackets; in a map every second one follows a colon.
std::string ListText(const Item& item, std::size_t limit) {
  const bool map = item.is(Kind::kMap);
  std::string text = map ? "{" : "[";
  for (std::size_t i = 0; i < item.items.size(); ++i) {
    if (i != 0) text += map && i % 2 == 1 ? ": " : ", ";
    text += Diagnostic(item.items[i], limit);
  }
  return text + (map ? "}" : "]");
}

}  // namespace

std::string HexText(Bytes bytes, std::size_t limit) {
  if (bytes.size() <= limit) return "h'" + host::Hex(bytes) + "'";
  return "h'" + host::Hex(bytes.first(limit)) + "...'";
}

std::string Diagnostic(const Item& item, std::size_t limit) {
  switch (item.kind) {
    case Kind::kUint:
      return std::to_string(item.argument);
    case Kind::kNint:
      return NintText(item.argument);
    case Kind::kBstr:
      return HexText(item.content, limit);
    case Kind::kText:
      return host::JsonString(AsText(item.content));
    case Kind::kTag:
      return std::to_string(item.argument) + "(" +
             Diagnostic(item.items[0], limit) + ")";
    case Kind::kFloat:
      return FloatText(item.number);
    case Kind::kSimple:
      return SimpleText(item.argument);
    default:
      return ListText(item, limit);
  }
}

}  // namespace cai::inspect
