// One file of cose-wg/Examples: what its author put in, as a caller would ask
// for it, and what came out.
#pragma once

#include <boost/json.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "lib/cose/recipient.h"

namespace cai::cose::examples {

using Json = boost::json::value;
using Object = boost::json::object;
using Blob = std::vector<std::byte>;

// Keys and texts of an example; what it returns views what it keeps.
class Keeper {
 public:
  Bytes Keep(Blob blob) { return kept_.emplace_back(std::move(blob)); }
  Bytes Text(const Json& value);
  Bytes Hex(const Json& value);
  // `name`_hex, or `name` as base64url; empty if neither is there.
  Bytes Number(const Object& key, const std::string& name);
  // `name`_hex, or `name` as text.
  std::optional<Bytes> Field(const Object& from, const std::string& name);
  Key ReadKey(const Object& key);

 private:
  std::deque<Blob> kept_;
};

struct Countersigner {
  Key key;
  Algorithm algorithm;
};
struct Countersigners {
  std::vector<Countersigner> full, abbreviated;
};

struct ExampleSigner {
  Key key;
  Algorithm algorithm;
  Bytes external_aad;
  Countersigners countersigners;
  Object raw;
};

struct ExampleRecipient {
  std::vector<Algorithm> algorithms;  // outermost first
  Key key;
  std::optional<Key> sender;
  KdfInputs kdf;
  std::optional<Bytes> salt;
  Countersigners countersigners;
};

struct Example {
  std::string title;
  bool fails = false;
  MessageType type;
  Tagging tagging = Tagging::kTagged;
  Algorithm algorithm{};
  bool unprotected_algorithm = false;
  Bytes external_aad, plaintext, message;
  std::optional<Bytes> full_iv;  // unsent, with a Partial IV
  std::vector<ExampleSigner> signers;
  std::vector<ExampleRecipient> recipients;
  Countersigners countersigners;
  Object intermediates;
};

Algorithm AlgorithmNamed(const std::string& name);

// Throws what Boost.JSON throws, or std::runtime_error for what it does not
// know: a test that cannot read its example must not pass.
Example ReadExample(const std::string& path, Keeper& keeper);

}  // namespace cai::cose::examples
