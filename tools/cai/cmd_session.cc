// `cai session`: this system's own protocol, from files.
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <sstream>

#include "host/ca/service.h"
#include "host/common/json.h"
#include "host/session/receiver.h"
#include "host/session/sender.h"
#include "lib/crypto/random.h"
#include "lib/wire/service_key.h"
#include "tools/cai/commands.h"
#include "tools/cai/files.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using host::Blob;
namespace fs = host::fs;

template <typename T>
T Good(Result<T> result, const std::string& what, const char* hint) {
  if (!result.ok())
    throw Stop(what + ": " + std::string(ErrorWords(result.error())), hint);
  return *std::move(result);
}

std::uint64_t NowMs() {
  return static_cast<std::uint64_t>(host::NowMilliseconds());
}

template <std::size_t N>
ByteArray<N> FixedHex(const std::string& option, const std::string& text) {
  const auto bytes = host::FromHex(text);
  if (!bytes.ok() || bytes->size() != N)
    throw Stop(option + " is not " + std::to_string(N) + " bytes",
               std::to_string(2 * N) + " hexadecimal digits are expected",
               kExitUsage);
  ByteArray<N> out;
  CopyInto(out, *bytes);
  return out;
}

wire::Uuid UuidOf(const std::string& text) {
  const auto uuid = host::ParseAnyUuid(text);
  if (!uuid.ok()) throw Stop("--uuid " + text + " is no UUID", "", kExitUsage);
  return uuid->bytes;
}

crypto::P256Public ReadPublic(const std::string& path) {
  return OrNot(host::ReadPublicKey(path), path, "a public P-256 key in PEM");
}
ca::BorrowedKey ReadPrivate(const std::string& path) {
  return OrNot(ca::BorrowedKey::Read(path), path,
               "a private P-256 key in PEM, not encrypted");
}

// Who the device is and which service it talks to, as both ends name them.
struct Names {
  std::string uuid, ueid, svc;
};

// ---- new --------------------------------------------------------------------

struct NewOptions {
  Names names;
  std::string device_key, service_key, root, token, state, output;
  std::string suite = "chacha20poly1305";
  std::uint32_t boot = 0;
  std::uint64_t first = 0;
};

wire::SessionHeader HeaderOf(const NewOptions& options,
                             const wire::ServiceKey& service, Bytes token) {
  wire::SessionHeader header;
  header.uuid = UuidOf(options.names.uuid);
  header.suite = options.suite == "aes128gcm" ? wire::Suite::kAes128Gcm
                                              : wire::Suite::kChaCha20Poly1305;
  if (!service.Allows(header.suite))
    throw Stop("the service does not allow " + options.suite,
               "--suite names another");
  header.svc = service.svc;
  header.generation = service.generation;
  // Time goes up like a boot counter does.
  const std::uint64_t boot =
      options.boot != 0 ? options.boot
                        : static_cast<std::uint64_t>(host::NowSeconds());
  header.counter = boot << 8;
  header.first = options.first;
  header.token_id = Good(wire::TokenId(token), options.token,
                         "a signed token (COSE_Sign1) is expected");
  return header;
}

wire::ServiceKey ServiceOf(const NewOptions& options) {
  const Blob statement = Or(host::ReadFile(options.service_key, 4096));
  const auto root = ReadPublic(options.root);
  return Good(wire::OpenServiceKey(statement, root,
                                   FixedHex<8>("--svc", options.names.svc)),
              options.service_key,
              "the statement, the root and --svc of one service are expected");
}

wire::SessionEntropy Entropy() {
  wire::SessionEntropy entropy;
  Good(crypto::Random(entropy.draw.mutable_bytes()), "randomness", "");
  Good(crypto::Random(entropy.hedge.mutable_bytes()), "randomness", "");
  return entropy;
}

void WriteSecret(const fs::path& path, Blob content) {
  const auto written = host::WriteNewFile(path, content);
  Wipe(content);
  Or(written);
}

void PrintSession(const wire::SessionHeader& header, const crypto::Digest& id) {
  const boost::json::object fields{
      {"session", host::Hex(id)},
      {"uuid", host::Uuid{header.uuid}.Text()},
      {"svc", host::Hex(header.svc)},
      {"generation", header.generation},
      {"suite", header.suite == wire::Suite::kAes128Gcm ? "aes128gcm"
                                                        : "chacha20poly1305"},
      {"boot", header.boot_count()},
      {"index", header.counter & 0xff},
      {"first", header.first},
      {"token_id", host::Hex(header.token_id)}};
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields)
    std::printf("%-11s %s\n", std::string(name).c_str(),
                value.is_string() ? value.get_string().c_str()
                                  : boost::json::serialize(value).c_str());
}

void New(const NewOptions& options) {
  Absent(options.state);
  Absent(options.output);
  const wire::ServiceKey service = ServiceOf(options);
  const Blob token = Or(host::ReadFile(options.token, wire::kMaxToken));
  const auto signer = ReadPrivate(options.device_key);
  wire::SessionOpening opening;
  opening.header = HeaderOf(options, service, token);
  opening.ueid = FixedHex<33>("--ueid", options.names.ueid);
  opening.service = service.encryption;
  opening.signer = signer.get();
  opening.token = token;

  Blob message(wire::kMaxSession);
  wire::SessionKeys keys;
  const auto made = Good(wire::MakeSession(opening, Entropy(), keys, message),
                         "the session", "");
  message.resize(made.size());
  session::SenderState state;
  state.suite = opening.header.suite;
  state.key_id = opening.header.key_id();
  state.id = keys.id;
  state.chain = std::move(keys.chain);
  const std::uint64_t now = NowMs();
  state.started_ms = now - std::min(now, session::UptimeOf(token));
  WriteSecret(options.state, session::EncodeSender(state));
  WriteSecond(options.state, options.output, message);
  PrintSession(opening.header, state.id);
}

// ---- seal -------------------------------------------------------------------

struct SealOptions {
  std::string state, input, output, values;
  std::uint16_t model = 1;
  std::optional<std::uint64_t> time_ms;
  bool close = false;
};

// "72.5,0.4" as thousandths, what readings carry.
void TakeValues(const std::string& text, wire::Reading& reading) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    double value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    const double scaled = value * 1000;
    const bool fits = error == std::errc() &&
                      scaled >= std::numeric_limits<std::int32_t>::min() &&
                      scaled <= std::numeric_limits<std::int32_t>::max() &&
                      reading.input_count < reading.inputs.size();
    if (!fits || (next != end && (*next != ',' || next + 1 == end)))
      throw Stop("--values " + text + " is no list of at most 16 numbers",
                 "like 72.5,0.4", kExitUsage);
    reading.inputs[reading.input_count++] =
        static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    at = next == end ? end : next + 1;
  }
}

void Seal(const SealOptions& options) {
  Absent(options.output);
  if (options.close == !options.input.empty())
    throw Stop(options.close ? "--close and --input exclude each other"
                             : "--input is required",
               "a reading is sealed from --input, or the session is closed",
               kExitUsage);
  Blob sealed;
  if (options.close) {
    sealed = Or(session::SealWith(options.state, wire::Close{}));
  } else {
    const Blob result = Or(host::ReadFile(options.input, 1u << 20));
    if (result.size() > wire::Reading::kMaxOutput)
      throw Stop(options.input + " is too large for a reading",
                 "at most 64 bytes fit");
    wire::Reading reading;
    reading.model_index = options.model;
    reading.time_ms = options.time_ms
                          ? *options.time_ms
                          : Or(session::DeviceTime(options.state, NowMs()));
    reading.output = result;
    TakeValues(options.values, reading);
    sealed = Or(session::SealWith(options.state, reading));
  }
  Or(host::WriteNewFile(options.output, sealed, 0644));
  if (common().json)
    std::printf("{\"output\":%s,\"size\":%zu}\n",
                host::JsonString(options.output).c_str(), sealed.size());
  else
    std::printf("%s: %zu bytes\n", options.output.c_str(), sealed.size());
}

// ---- open -------------------------------------------------------------------

struct OpenOptions {
  Names names;
  std::string session, key, device_key, state, input, output, token;
};

void Require(const std::string& value, const char* option) {
  if (value.empty())
    throw Stop(std::string(option) + " is required with --session",
               "see `cai session open --help`", kExitUsage);
}

void AcceptSession(const OpenOptions& options) {
  Require(options.key, "--key");
  Require(options.device_key, "--device-key");
  Require(options.names.uuid, "--uuid");
  Require(options.names.ueid, "--ueid");
  Require(options.names.svc, "--svc");
  Absent(options.state);
  if (!options.token.empty()) Absent(options.token);
  const auto borrowed = ReadPrivate(options.key);
  session::Parties parties;
  parties.uuid = UuidOf(options.names.uuid);
  parties.ueid = FixedHex<33>("--ueid", options.names.ueid);
  parties.svc = FixedHex<8>("--svc", options.names.svc);
  parties.cose_sign = ReadPublic(options.device_key);
  parties.service = Good(crypto::PublicKey(borrowed.get()), options.key, "");
  parties.service_key = borrowed.get();
  const Blob message = Or(host::ReadFile(options.session, wire::kMaxMessage));
  auto accepted = session::Accept(message, parties);
  if (!accepted.ok())
    throw Stop(options.session + ": " + accepted.error().Text(),
               "is it for this service, of this device?");
  WriteSecret(options.state, session::EncodeReceiver(accepted->file));
  if (!options.token.empty())
    WriteSecond(options.state, options.token, accepted->token);
  if (options.input.empty()) PrintSession(accepted->header, accepted->file.id);
}

boost::json::object Describe(const wire::Reading& reading) {
  boost::json::array values;
  for (std::size_t i = 0; i < reading.input_count; ++i)
    values.emplace_back(reading.inputs[i] / 1000.0);
  return {{"kind", "reading"},
          {"model", reading.model_index},
          {"time_ms", reading.time_ms},
          {"values", std::move(values)},
          {"output", host::Hex(reading.output)}};
}
boost::json::object Describe(const wire::Event& event) {
  return {{"kind", "event"},
          {"time_ms", event.time_ms},
          {"id", event.id},
          {"argument", event.argument}};
}
boost::json::object Describe(const wire::Close& close) {
  return {{"kind", "close"},
          {"last", close.last},
          {"reason", static_cast<int>(close.reason)}};
}
boost::json::object Describe(const wire::Checkpoint& checkpoint) {
  return {{"kind", "checkpoint"},
          {"upto", checkpoint.upto},
          {"signature", host::Hex(checkpoint.signature)}};
}

// For people: 72.5, 0.4 where JSON may say 7.25E1.
std::string Words(const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return boost::json::serialize(value);
  std::ostringstream out;
  out.precision(10);  // thousandths of 32 bits
  for (const auto& one : value.get_array())
    out << (out.tellp() > 0 ? ", " : "") << one.to_number<double>();
  return out.str();
}

void Print(const session::Opened& opened) {
  auto fields =
      std::visit([](const auto& one) { return Describe(one); }, opened.plain);
  fields["sequence"] = opened.sequence;
  if (common().json) {
    std::puts(boost::json::serialize(fields).c_str());
    return;
  }
  for (const auto& [name, value] : fields)
    std::printf("%-10s %s\n", std::string(name).c_str(), Words(value).c_str());
}

void Open(const OpenOptions& options) {
  if (options.session.empty() && options.input.empty())
    throw Stop("--session or --input is required",
               "see `cai session open --help`", kExitUsage);
  if (!options.output.empty()) Absent(options.output);
  if (!options.session.empty()) AcceptSession(options);
  if (options.input.empty()) return;
  const Blob message = Or(host::ReadFile(options.input, wire::kMaxMessage));
  const auto opened = session::OpenWith(options.state, message, NowMs());
  if (!opened.ok() && opened.error().error == Error::kWireReplay)
    throw Stop(
        options.input + ": " + opened.error().words + " was received before",
        "a replay: it counts once");
  if (!opened.ok())
    throw Stop(options.input + ": " + opened.error().Text(),
               opened.error().hint);
  if (const auto* reading = std::get_if<wire::Reading>(&opened->plain);
      reading != nullptr && !options.output.empty())
    Or(host::WriteNewFile(options.output, reading->output));
  Print(*opened);
}

// ---- registration -----------------------------------------------------------

void AddNames(CLI::App& command, Names& names, bool required) {
  command.add_option("--uuid", names.uuid, "the device's UUID")
      ->required(required);
  command.add_option("--ueid", names.ueid, "its UEID, 66 hexadecimal digits")
      ->required(required);
  command
      .add_option("--svc", names.svc,
                  "the service's id, 16 hexadecimal digits (cai service show)")
      ->required(required);
}

void RegisterNew(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "new", "start a session as a device does: its message, and its state");
  auto o = std::make_shared<NewOptions>();
  command
      ->add_option("--device-key", o->device_key,
                   "the device's private signing key (PEM, P-256)")
      ->required();
  AddNames(*command, o->names, true);
  command
      ->add_option("--service-key", o->service_key,
                   "the service's statement, service/svc-key-N.cbor")
      ->required();
  command
      ->add_option("--root", o->root,
                   "the service root's public key, service/root.pub")
      ->required();
  command->add_option("--token", o->token, "the device's AI token (CBOR)")
      ->required();
  command
      ->add_option("--suite", o->suite, "chacha20poly1305 (default), aes128gcm")
      ->check(CLI::IsMember({"chacha20poly1305", "aes128gcm"}));
  command->add_option("--boot", o->boot,
                      "boot count (default: the time in seconds)");
  command->add_option("--first", o->first,
                      "lifetime number of the first reading (default 0)");
  command
      ->add_option("-s,--sender", o->state,
                   "file for the sender's keys and counter (0600)")
      ->required();
  command->add_option("-o,--output", o->output, "file for the session message")
      ->required();
  command->footer(
      "Example:\n  cai session new --device-key device.pem --uuid $UUID --ueid "
      "$UEID --svc $SVC \\\n    --service-key service/svc-key-1.cbor --root "
      "service/root.pub --token ai.cbor \\\n    -s sender.state -o "
      "session.cbor");
  command->callback([o] { New(*o); });
}

void RegisterSeal(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "seal", "seal the next reading; its number is spent on disk first");
  auto o = std::make_shared<SealOptions>();
  command->add_option("-s,--sender", o->state, "the sender's state")
      ->required();
  command->add_option("-i,--input", o->input,
                      "the model's output, at most 64 bytes");
  command->add_option("--values", o->values,
                      "what the model saw, like 72.5,0.4");
  command
      ->add_option("--model", o->model,
                   "which of the token's components (default 1)")
      ->check(CLI::Range(1, 65535));
  command
      ->add_option("--time", o->time_ms,
                   "ms since boot (default: the token's uptime and what has "
                   "passed since)")
      ->check(CLI::Range(std::uint64_t{0}, wire::kMaxTimeMs));
  command->add_flag("--close", o->close,
                    "seal the session's end instead: nothing follows it");
  command->add_option("-o,--output", o->output, "file for the sealed message")
      ->required();
  command->footer(
      "Example:\n  cai session seal -s sender.state -i output.bin --values "
      "72.5,0.4 -o r0.cbor");
  command->callback([o] { Seal(*o); });
}

void RegisterOpen(CLI::App& group) {
  auto* const command = group.add_subcommand(
      "open",
      "verify and open as the service does; replays are refused across runs");
  auto o = std::make_shared<OpenOptions>();
  command
      ->add_option("-r,--receiver", o->state,
                   "the receiver's keys and window (0600); --session makes it")
      ->required();
  command->add_option("--session", o->session, "a session message to accept");
  command->add_option("--key", o->key,
                      "the service's encryption key, service/enc-N.key");
  command->add_option("--device-key", o->device_key,
                      "the device's public signing key (PEM)");
  AddNames(*command, o->names, false);
  command->add_option("--token", o->token,
                      "file for the token of the session; it is not appraised "
                      "here (cai token verify)");
  command->add_option("-i,--input", o->input, "a sealed message");
  command->add_option("-o,--output", o->output,
                      "file for a reading's output (0600)");
  command->footer(
      "Example:\n  cai session open -r receiver.state --session session.cbor "
      "--key service/enc-1.key \\\n    --device-key device.pub --uuid $UUID "
      "--ueid $UEID --svc $SVC\n  cai session open -r receiver.state -i "
      "r0.cbor");
  command->callback([o] { Open(*o); });
}

}  // namespace

void RegisterSession(CLI::App& app) {
  auto* const group = app.add_subcommand(
      "session", "sealed readings of one session, from files");
  group->require_subcommand(1);
  RegisterNew(*group);
  RegisterSeal(*group);
  RegisterOpen(*group);
}

}  // namespace cai::cli
