// What was found in a message, as a tree that prints as lines or as JSON.
#pragma once

#include <string>
#include <vector>

#include "host/common/json.h"
#include "host/inspect/item.h"

namespace cai::inspect {

struct Part {
  std::string name;          // "alg", "COSE_Sign1", "signature"
  std::string label;         // of a header, claim or key parameter, else ""
  std::string text;          // value in diagnostic notation, perhaps cut
  std::string meaning;       // "ES256"
  boost::json::value value;  // for JSON; null if the name says all
  std::vector<Part> parts;

  Part& Add(std::string part_name) {
    parts.push_back({std::move(part_name), {}, {}, {}, nullptr, {}});
    return parts.back();
  }
};

struct Report {
  Part root;
  std::vector<std::string> warnings;
};

// A part's value from an item: numbers and texts as such, byte strings as
// {"hex": ...}, all else in diagnostic notation. One that the lines show cut
// gets its size for a meaning.
void SetValue(Part& part, const Item& item);

std::string AsLines(const Report& report);
boost::json::object AsJson(const Report& report);

}  // namespace cai::inspect
