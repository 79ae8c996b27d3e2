// Two properties: a packet that decodes encodes to bytes that decode and encode
// to the same bytes again; and no bytes from a server break the client, however
// they are cut.
#include <cstdint>
#include <cstdlib>

#include "lib/mqtt/client.h"

namespace cai::mqtt {
namespace {

ByteArray<70000> first, second;

void Check(bool holds) {
  if (!holds) std::abort();
}

template <typename Decode>
void RoundTrip(const Frame& frame, Decode decode) {
  const auto packet = decode(frame);
  if (!packet.ok()) return;
  const auto once = Encode(*packet, first);
  Check(once.ok());
  const auto again = NextFrame(*once, first.size());
  Check(again.ok() && again->has_value());
  const auto decoded = decode(**again);
  Check(decoded.ok());
  const auto twice = Encode(*decoded, second);
  Check(twice.ok() && Equal(*once, *twice));
}

void Packets(Bytes in) {
  while (true) {
    const auto frame = NextFrame(in, 65536);
    if (!frame.ok() || !*frame) return;
    switch ((*frame)->type) {
      case Type::kConnect:
        RoundTrip(**frame, DecodeConnect);
        break;
      case Type::kConnack:
        RoundTrip(**frame, DecodeConnack);
        break;
      case Type::kPublish:
        RoundTrip(**frame, DecodePublish);
        break;
      case Type::kPuback:
        RoundTrip(**frame, DecodePuback);
        break;
      case Type::kSubscribe:
        RoundTrip(**frame, DecodeSubscribe);
        break;
      case Type::kSuback:
        RoundTrip(**frame, DecodeSuback);
        break;
      case Type::kDisconnect:
        RoundTrip(**frame, DecodeDisconnect);
        break;
      default:
        break;
    }
    in = in.subspan((*frame)->size);
  }
}

// The first byte chooses the cut; the client acknowledges, publishes and
// subscribes as it goes.
void Stream(Bytes in) {
  static ByteArray<512> input, output, in_flight;
  Config config;
  config.client_id = "fuzz";
  config.receive_maximum = 4;
  Client client(config, {input, output, in_flight, 4});
  Check(client.Open(0).ok());
  const std::size_t cut = 1 + std::to_integer<std::size_t>(in[0]) % 32;
  std::uint64_t now = 0;
  for (in = in.subspan(1); !in.empty();) {
    const auto taken = client.Input(in.first(std::min(cut, in.size())), ++now);
    if (taken == 0) return;
    in = in.subspan(taken);
    while (true) {
      const auto event = client.Poll(now);
      if (!event.ok()) return;
      if (!*event) break;
      client.Acknowledge((*event)->receipt);
      (void)client.Publish("t", (*event)->message.payload, now & 1);
      if (now % 3 == 0) (void)client.Subscribe("s", 1);
    }
    client.Sent(client.Output().size() / 2, now);
  }
}

}  // namespace
}  // namespace cai::mqtt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  cai::mqtt::Packets(cai::AsBytes(data, size));
  cai::mqtt::Stream(cai::AsBytes(data, size));
  return 0;
}
