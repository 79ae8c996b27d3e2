#include "lib/cose/headers.h"

#include "lib/cbor/reader.h"

namespace cai::cose {
namespace {

Result<Label> ReadLabel(cbor::AnyReader& reader) {
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type != cbor::Type::kText) {
    CAI_TRY_ASSIGN(const std::int64_t number, reader.Int());
    return Label(number);
  }
  CAI_TRY_ASSIGN(const std::string_view text, reader.Text());
  if (text.empty()) return Error::kCoseMalformed;
  return Label(text);
}

// What every function of this library looks at.
bool IsBasic(const Label& label) {
  return label.text.empty() && label.number >= 1 && label.number <= 6;
}

}  // namespace

Result<Headers> Headers::Parse(Bytes protected_header, Bytes unprotected) {
  Headers headers;
  if (!protected_header.empty()) CAI_TRY(headers.Add(protected_header, true));
  if (headers.count_ != 0) headers.protected_ = protected_header;
  headers.unprotected_ = unprotected;
  CAI_TRY(headers.Add(unprotected, false));
  return headers;
}

Status Headers::Add(Bytes map, bool is_protected) {
  cbor::AnyReader reader(map);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  for (std::uint64_t i = 0; i < pairs; ++i) {
    CAI_TRY_ASSIGN(const Label label, ReadLabel(reader));
    CAI_TRY_ASSIGN(const Bytes value, reader.Skip());
    if (Find(label) != nullptr) return Error::kCoseDuplicateHeader;
    if (count_ == kMax) return Error::kCoseTooMany;
    parameters_[count_++] = {label, value, is_protected};
  }
  return reader.Finish();
}

const Parameter* Headers::Find(Label label) const {
  for (const Parameter& parameter : all())
    if (parameter.label == label) return &parameter;
  return nullptr;
}

std::optional<std::int64_t> Headers::AlgorithmNumber() const {
  const Parameter* const found = Find(Header::kAlgorithm);
  if (found == nullptr) return {};
  const auto number = cbor::AnyReader(found->value).Int();
  return number.ok() ? std::optional(*number) : std::nullopt;
}

Status Headers::CheckAlgorithm(Algorithm expected, bool unprotected_too) const {
  const Parameter* const found = Find(Header::kAlgorithm);
  if (found == nullptr || (!found->is_protected && !unprotected_too))
    return Error::kCoseWrongAlgorithm;
  if (AlgorithmNumber() != static_cast<std::int64_t>(expected))
    return Error::kCoseWrongAlgorithm;
  return kDone;
}

Status Headers::CheckCritical(std::span<const Label> understood) const {
  const Parameter* const crit = Find(Header::kCritical);
  if (crit == nullptr) return kDone;
  cbor::AnyReader reader(crit->value);
  CAI_TRY_ASSIGN(const std::uint64_t labels, reader.Array());
  if (!crit->is_protected || labels == 0) return Error::kCoseCritical;
  for (std::uint64_t i = 0; i < labels; ++i) {
    CAI_TRY_ASSIGN(const Label label, ReadLabel(reader));
    const Parameter* const named = Find(label);
    const bool known = IsBasic(label) ||
                       std::ranges::find(understood, label) != understood.end();
    if (named == nullptr || !named->is_protected || !known)
      return Error::kCoseCritical;
  }
  return kDone;
}

Result<std::optional<Bytes>> Headers::Bstr(Label label) const {
  const Parameter* const found = Find(label);
  if (found == nullptr) return std::optional<Bytes>();
  cbor::AnyReader reader(found->value);
  CAI_TRY_ASSIGN(const Bytes value, reader.Bstr());
  return std::optional(value);
}

}  // namespace cai::cose
