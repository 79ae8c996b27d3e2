// The pieces of explain.cc that explain one thing each, and the state they
// share.
#pragma once

#include "host/inspect/explain.h"
#include "host/inspect/names.h"

namespace cai::inspect {

// Nested messages, keys and tokens, not items.
constexpr int kMaxNesting = 8;

class Walk {
 public:
  std::vector<std::string> warnings;

  // With the place it is about in front.
  void Warn(std::string_view place, std::string_view words);
  void WarnOddities(std::string_view place, const Document& document);

  // The two header maps of a layer.
  struct Headers {
    Document protected_header;
    const Item* open = nullptr;  // the unprotected map
    bool has_protected = false;
    // The protected value, else the other one; null if neither.
    const Item* Find(std::int64_t label) const;
    std::optional<std::int64_t> Algorithm() const;
  };
  // kInspectNotCose unless the two items are a byte string and a map.
  Result<Headers> AddHeaders(Part& layer, std::string_view place,
                             const Item& protected_item, const Item& open,
                             bool recipient);
  void CheckHeaders(std::string_view place, const Headers& headers,
                    bool needs_algorithm);

  Status AddMessage(Part& part, const Item& item, Type type, int nesting);
  void AddKey(Part& part, const Item& map);
  void AddKeySet(Part& part, const Item& list);
  // A payload or plaintext: CBOR in it is shown, a message in it explained.
  void AddContent(Part& part, Bytes content, int nesting);
  void AddClaims(Part& part, const Item& map, int nesting);

 private:
  void AddHeader(Part& bucket, std::string_view place, const Item& label,
                 const Item& value, bool recipient);
  void AddSpecial(Part& part, std::string_view place, std::int64_t label,
                  const Item& value);
  void AddCertificates(Part& part, const Item& value);
  void AddCounterSignatures(Part& part, std::string_view place,
                            const Item& value);
  Status AddLayers(Part& part, std::string_view place, const Item& list,
                   bool recipients, int nesting);
  void CheckRecipient(std::string_view place, const Item& layer,
                      const Headers& headers);
};

// By tag or, without one, by structure and algorithm.
Type TypeOf(const Item& item, bool& tagged);
std::string_view NameOf(Type type);
// A header's label as a person writes it.
std::string LabelText(const Item& label);

}  // namespace cai::inspect
