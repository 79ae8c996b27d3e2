#include "host/inspect/item.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "lib/cbor/utf8.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;
constexpr std::size_t kMaxOddities = 32;

struct Head {
  std::uint8_t major;
  std::uint8_t information;  // the low five bits
  std::uint64_t argument;
};

class Parser {
 public:
  Parser(Bytes in, std::vector<Oddity>& oddities)
      : in_(in), oddities_(oddities) {}

  std::size_t at() const { return at_; }

  // Recursion is bounded by kMaxDepth.
  Result<Item> Next(int depth) {
    if (depth > kMaxDepth) return Error::kCborTooDeep;
    Item item;
    item.offset = at_;
    CAI_TRY_ASSIGN(const Head head, ReadHead());
    CAI_TRY(Fill(head, depth, item));
    item.size = at_ - item.offset;
    return item;
  }

 private:
  void Note(std::size_t offset, std::string words) {
    if (oddities_.size() < kMaxOddities)
      oddities_.push_back({offset, std::move(words)});
  }

  Result<Bytes> Take(std::uint64_t size) {
    if (size > in_.size() - at_) return Error::kCborTruncated;
    const Bytes taken = in_.subspan(at_, static_cast<std::size_t>(size));
    at_ += taken.size();
    return taken;
  }

  Result<Head> ReadHead() {
    const std::size_t start = at_;
    CAI_TRY_ASSIGN(const Bytes initial, Take(1));
    const auto first = std::to_integer<std::uint8_t>(initial[0]);
    Head head{static_cast<std::uint8_t>(first >> 5),
              static_cast<std::uint8_t>(first & 31), 0};
    if (head.information < 24) head.argument = head.information;
    if (head.information >= 24 && head.information <= 27) {
      const unsigned size = 1u << (head.information - 24);
      CAI_TRY_ASSIGN(const Bytes bytes, Take(size));
      for (const std::byte b : bytes)
        head.argument = head.argument << 8 | std::to_integer<unsigned>(b);
      const std::uint64_t least = size == 1 ? 24 : 1ull << (4 * size);
      if (head.major != 7 && head.argument < least)
        Note(start, "a head is longer than needed");
    }
    if (head.information >= 28 && head.information <= 30)
      return Error::kCborMalformed;
    return head;
  }

  bool AtBreak() const {
    return at_ < in_.size() && in_[at_] == std::byte{0xff};
  }

  Status Fill(const Head& head, int depth, Item& item) {
    const bool indefinite = head.information == 31;
    item.argument = head.argument;
    switch (head.major) {
      case 0:
      case 1:
        item.kind = head.major == 0 ? Kind::kUint : Kind::kNint;
        return indefinite ? Status(Error::kCborMalformed) : kDone;
      case 2:
      case 3:
        return FillString(head, indefinite, item);
      case 4:
      case 5:
        return FillItems(head, indefinite, depth, item);
      case 6:
        item.kind = Kind::kTag;
        if (indefinite) return Error::kCborMalformed;
        return Add(depth, item);
      default:
        return FillSimple(head, item);
    }
  }

  Status Add(int depth, Item& item) {
    CAI_TRY_ASSIGN(Item inner, Next(depth + 1));
    item.items.push_back(std::move(inner));
    return kDone;
  }

  Status FillString(const Head& head, bool indefinite, Item& item) {
    item.kind = head.major == 2 ? Kind::kBstr : Kind::kText;
    if (indefinite) {
      CAI_TRY(JoinChunks(head.major, item));
    } else {
      CAI_TRY_ASSIGN(item.content, Take(head.argument));
    }
    if (item.is(Kind::kText) && !cbor::IsUtf8(item.content))
      Note(item.offset, "a text is not UTF-8");
    return kDone;
  }

  Status JoinChunks(std::uint8_t major, Item& item) {
    Note(item.offset, "a string of indefinite length");
    while (!AtBreak()) {
      CAI_TRY_ASSIGN(const Head head, ReadHead());
      if (head.major != major || head.information == 31)
        return Error::kCborMalformed;
      CAI_TRY_ASSIGN(const Bytes chunk, Take(head.argument));
      item.joined.insert(item.joined.end(), chunk.begin(), chunk.end());
    }
    item.content = item.joined;
    return Take(1).ok() ? Status(kDone) : Status(Error::kCborTruncated);
  }

  Status FillItems(const Head& head, bool indefinite, int depth, Item& item) {
    item.kind = head.major == 4 ? Kind::kArray : Kind::kMap;
    const unsigned each = head.major == 4 ? 1 : 2;
    if (indefinite) {
      Note(item.offset, "an array or map of indefinite length");
      while (!AtBreak())
        for (unsigned i = 0; i < each; ++i) CAI_TRY(Add(depth, item));
      CAI_TRY(Take(1));
    } else {
      // Every item takes a byte at least: a count beyond that is a lie.
      if (head.argument > in_.size()) return Error::kCborTruncated;
      for (std::uint64_t i = 0; i < each * head.argument; ++i)
        CAI_TRY(Add(depth, item));
    }
    if (item.is(Kind::kMap)) CheckKeys(item);
    return kDone;
  }

  Bytes Encoding(const Item& item) const {
    return in_.subspan(item.offset, item.size);
  }

  void CheckKeys(const Item& map) {
    std::vector<Bytes> keys;
    for (std::size_t i = 0; i < map.items.size(); i += 2)
      keys.push_back(Encoding(map.items[i]));
    const auto less = [](Bytes a, Bytes b) {
      return std::ranges::lexicographical_compare(a, b);
    };
    if (!std::ranges::is_sorted(keys, less))
      Note(map.offset, "map keys are not in deterministic order");
    std::ranges::sort(keys, less);
    if (std::ranges::adjacent_find(keys, Equal) != keys.end())
      Note(map.offset, "a map has a key twice");
  }

  Status FillSimple(const Head& head, Item& item) {
    item.kind = Kind::kSimple;
    if (head.information == 31) return Error::kCborMalformed;
    if (head.information == 24 && head.argument < 32)
      return Error::kCborMalformed;
    if (head.information < 25) return kDone;
    item.kind = Kind::kFloat;
    item.number = head.information == 25   ? Half(head.argument)
                  : head.information == 26 ? Single(head.argument)
                                           : Double(head.argument);
    return kDone;
  }

  // RFC 8949, appendix D.
  static double Half(std::uint64_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double mantissa = static_cast<double>(bits & 1023);
    double value = exponent == 0    ? std::ldexp(mantissa, -24)
                   : exponent != 31 ? std::ldexp(mantissa + 1024, exponent - 25)
                   : mantissa == 0  ? std::numeric_limits<double>::infinity()
                                    : std::numeric_limits<double>::quiet_NaN();
    return bits >> 15 != 0 ? -value : value;
  }
  static double Single(std::uint64_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  }
  static double Double(std::uint64_t bits) {
    return std::bit_cast<double>(bits);
  }

  Bytes in_;
  std::vector<Oddity>& oddities_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> Item::Int() const {
  if ((kind != Kind::kUint && kind != Kind::kNint) ||
      argument >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  const auto value = static_cast<std::int64_t>(argument);
  return kind == Kind::kUint ? value : -1 - value;
}

const Item* Item::At(std::int64_t key) const {
  if (kind != Kind::kMap) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i].Int() == key) return &items[i + 1];
  return nullptr;
}

Result<Document> Parse(Bytes in) {
  if (in.size() > kMaxInput) return Error::kHostTooLarge;
  Document document;
  Parser parser(in, document.oddities);
  CAI_TRY_ASSIGN(document.root, parser.Next(0));
  document.trailing = in.size() - parser.at();
  return document;
}

}  // namespace cai::inspect
