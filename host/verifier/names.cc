#include "host/verifier/names.h"

#include <algorithm>

namespace cai::verifier {

std::string_view TextOf(Names names, std::int64_t number) {
  const auto found = std::ranges::find(names, number, &Name::number);
  return found == names.end() ? std::string_view() : found->text;
}

std::optional<std::int64_t> NumberOf(Names names, std::string_view text) {
  const auto found = std::ranges::find(names, text, &Name::text);
  if (found == names.end()) return std::nullopt;
  return found->number;
}

}  // namespace cai::verifier
