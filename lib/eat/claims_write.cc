// Writing: an overload of Write() for each form of value, and the table of
// claim_list.h in the order of its keys.
#include "lib/eat/form.h"

namespace cai::eat {
namespace form {

// ---- CWT and EAT -----------------------------------------------------------

static void Write(const Audience& value, Sink out) {
  if (value.service) return out->Bstr(*value.service);
  if (value.is_array) return WriteItems(value.names, out);
  out->Text(value.names.empty() ? std::string_view() : value.names[0]);
}

static void Write(const Confirmation& value, Sink out) {
  out->Map(!value.key.empty() + !value.encrypted_key.empty() +
           value.key_id.has_value());
  if (!value.key.empty()) {
    out->Uint(1);
    out->Raw(value.key);
  }
  if (!value.encrypted_key.empty()) {
    out->Uint(2);
    out->Raw(value.encrypted_key);
  }
  if (value.key_id) {
    out->Uint(3);
    out->Bstr(*value.key_id);
  }
}

static void Write(const Nonces& value, Sink out) {
  if (value.size() == 1) return Write(value[0], out);
  WriteItems(value, out);
}

static void Write(const Sueids& value, Sink out) {
  out->Map(value.size());
  for (const LabelledUeid& one : value) {
    out->Text(one.label);
    Write(one.ueid, out);
  }
}

static void Write(const OemId& value, Sink out) {
  if (!value.bytes.empty()) return out->Bstr(value.bytes);
  out->Int(value.enterprise);
}

static void Write(const Location& value, Sink out) {
  WriteFields(value.fields, 1, out);
}

static void Write(const Profile& value, Sink out) {
  if (!value.oid.empty()) return out->Bstr(value.oid);
  out->Text(value.uri);
}

static void WriteSubmodule(const Submodule& value, Sink out) {
  switch (value.kind) {
    case Submodule::Kind::kClaims:
      return out->Raw(value.item);
    case Submodule::Kind::kToken:
      return out->Bstr(value.content);
    case Submodule::Kind::kJsonToken:
      return out->Text(value.text);
    case Submodule::Kind::kDigest:
      out->Array(2);
      Write(value.algorithm, out);
      return out->Bstr(value.content);
  }
}

static void Write(const Submodules& value, Sink out) {
  out->Map(value.size());
  for (const Submodule& one : value) {
    out->Text(one.name);
    WriteSubmodule(one, out);
  }
}

static void Write(const Approval& value, Sink out) {
  out->Array(value.application ? 3 : 2);
  out->Text(value.registrar);
  out->Text(value.platform);
  if (value.application) out->Text(*value.application);
}

static void WriteBytesOrText(bool is_text, Bytes content, Sink out) {
  if (is_text) return out->Text(AsText(content));
  out->Bstr(content);
}

static void Write(const Formatted& value, Sink out) {
  out->Array(2);
  out->Uint(value.format);
  WriteBytesOrText(value.is_text, value.content, out);
}

static void Write(const ResultOf& value, Sink out) {
  out->Array(2);
  WriteBytesOrText(value.is_text, value.id, out);
  Write(value.result, out);
}

static void Write(const ResultGroup& value, Sink out) {
  out->Array(2);
  out->Text(value.system);
  WriteItems(value.results, out);
}

// ---- EAR and PSA -----------------------------------------------------------

static void Write(const TrustVector& value, Sink out) {
  WriteFields(value.fields, 0, out);
}

static void Write(const VerifierId& value, Sink out) {
  out->Map(2);
  out->Uint(0);
  out->Text(value.developer);
  out->Uint(1);
  out->Text(value.build);
}

static std::optional<std::string_view> IfAny(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

static void Write(const PsaComponent& value, Sink out) {
  out->Map(2 + !value.type.empty() + !value.version.empty() +
           !value.description.empty());
  WriteField(1, IfAny(value.type), out);
  out->Uint(2);
  out->Bstr(value.measurement);
  WriteField(4, IfAny(value.version), out);
  out->Uint(5);
  out->Bstr(value.signer);
  WriteField(6, IfAny(value.description), out);
}

}  // namespace form

// ---- The set ---------------------------------------------------------------

namespace {

using form::Sink;
using form::WriteField;

void WriteOther(const OtherClaim& other, Sink out) {
  if (other.is_text)
    out->Text(other.name);
  else
    out->Int(other.key);
  out->Raw(other.value);
}

// Integer keys from 0 upwards come first, then those below 0, then texts: the
// others stand in that order, so that one walk merges them in.
class Merge {
 public:
  Merge(const ClaimsSet& claims, Sink out)
      : next_(claims.others.begin()), end_(claims.others.end()), out_(out) {}

  void Before(std::int64_t key) {
    while (next_ != end_ && !next_->is_text && next_->key >= 0 &&
           next_->key < key)
      WriteOther(*next_++, out_);
  }
  void Rest() {
    while (next_ != end_) WriteOther(*next_++, out_);
  }

 private:
  const OtherClaim* next_;
  const OtherClaim* end_;
  Sink out_;
};

std::uint64_t Pairs(const ClaimsSet& claims) {
  std::uint64_t pairs = claims.others.size();
#define CAI_CLAIM(member, number, name) pairs += claims.member.has_value();
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  return pairs;
}

}  // namespace

void WriteClaims(const ClaimsSet& claims, cbor::Writer& out) {
  const Sink sink{&out};
  Merge others(claims, sink);
  out.Map(Pairs(claims));
#define CAI_CLAIM(member, number, name) \
  others.Before(number);                \
  WriteField(number, claims.member, sink);
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  others.Rest();
}

bool HasClaim(const ClaimsSet& claims, std::int64_t key) {
  switch (key) {
#define CAI_CLAIM(member, number, name) \
  case number:                          \
    return claims.member.has_value();
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
    default:
      return false;
  }
}

std::string_view ClaimName(std::int64_t key) {
  switch (key) {
#define CAI_CLAIM(member, number, name) \
  case number:                          \
    return name;
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
    default:
      return {};
  }
}

std::optional<std::int64_t> ClaimKey(std::string_view name) {
#define CAI_CLAIM(member, number, text) \
  if (name == text) return number;
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  return std::nullopt;
}

}  // namespace cai::eat
