#include "lib/cose/structure.h"

#include "lib/cbor/writer.h"

namespace cai::cose {
namespace {

enum Major : std::uint8_t { kBstr, kText, kArray };

}  // namespace

Structure::Structure(std::string_view context, std::size_t items) {
  Head(kArray, items);
  Head(kText, context.size());
  Add(AsBytes(context));
}

void Structure::Bstr(Bytes value) {
  Head(kBstr, value.size());
  Add(value);
}

void Structure::Array(std::size_t items) { Head(kArray, items); }

void Structure::Head(std::uint8_t major, std::size_t argument) {
  const MutableBytes room = MutableBytes(heads_).subspan(used_);
  cbor::Writer writer(room);
  if (major == kBstr) writer.BstrHead(argument);
  if (major == kText) writer.TextHead(argument);
  if (major == kArray) writer.Array(argument);
  used_ += writer.size();
  Add(room.first(writer.size()));
}

}  // namespace cai::cose
