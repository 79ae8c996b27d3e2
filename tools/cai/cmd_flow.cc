// `cai flow`: the messages of the `flow` tool of Linaro's
// zephyr_confidential_ai, with that tool's commands and options.
#include <cstdio>

#include "host/flow/message.h"
#include "tools/cai/commands.h"
#include "tools/cai/files.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using flow::Half;
using flow::Identity;
using host::Blob;
namespace fs = host::fs;

constexpr const char* kDefects =
    "Reads and writes what the `flow` tool does, with that tool's defects: "
    "the\n"
    "body names a key-wrap algorithm (-29) where the cipher belongs, key ids "
    "are\n"
    "unprotected and never compared, the key derivation names neither party,\n"
    "every single message has the session id \"single\", and nothing detects "
    "a\n"
    "replay. Use it to talk to that tool; `cai session` is the protocol "
    "without\n"
    "them.";

constexpr std::size_t kMaxState = 65536;

// ---- files ------------------------------------------------------------------

// Files are named as in the tool; none is ever overwritten.
struct Files {
  fs::path input, output, state, session;
  fs::path device, service;  // certificates
};

template <typename T>
T Opened(Result<T> result, const fs::path& path) {
  if (!result.ok())
    throw Stop(path.string() + ": " + std::string(ErrorWords(result.error())),
               "is it the right message, with the right certificates?");
  return *std::move(result);
}

Identity Read(const fs::path& certificate, Half half) {
  return Or(flow::ReadIdentity(certificate, half));
}

void Done(const fs::path& output, std::size_t size) {
  if (common().json)
    std::printf("{\"output\":%s,\"size\":%zu}\n",
                host::JsonString(output.string()).c_str(), size);
  else
    std::printf("%s: %zu bytes\n", output.c_str(), size);
}

void WriteMessage(const fs::path& path, Bytes message) {
  Or(host::WriteNewFile(path, message, 0644));
  Done(path, message.size());
}

void WritePlain(const fs::path& path, Blob plain) {
  const std::size_t size = plain.size();
  const auto written = host::WriteNewFile(path, plain);
  Wipe(plain);
  Or(written);
  Done(path, size);
}

flow::SessionState ReadState(const fs::path& path) {
  Blob bytes = Or(host::ReadFile(path, kMaxState));
  auto state = flow::ParseState(bytes);
  Wipe(bytes);
  if (!state.ok())
    throw Stop(path.string() + ": " + std::string(ErrorWords(state.error())),
               "the state file that new-session wrote is expected");
  return *std::move(state);
}

// ---- commands ---------------------------------------------------------------

void NewSession(const Files& files) {
  Absent(files.state);
  Absent(files.output);
  const Identity service = Read(files.service, Half::kPublic);
  const Identity device = Read(files.device, Half::kPrivate);
  const auto made = Opened(flow::MakeSession(device, service), files.output);
  Blob state = flow::EncodeState(made.state);
  const auto written = host::WriteNewFile(files.state, state);
  Wipe(state);
  Or(written);
  WriteSecond(files.state, files.output, made.message);
  Done(files.output, made.message.size());
}

void Encrypt(const Files& files) {
  Absent(files.output);
  const auto state = ReadState(files.state);
  const Blob plain = Or(host::ReadFile(files.input));
  WriteMessage(files.output,
               Opened(flow::MakePayload(state, plain), files.output));
}

void Decrypt(const Files& files) {
  Absent(files.output);
  const Identity service = Read(files.service, Half::kPrivate);
  const Identity device = Read(files.device, Half::kPublic);
  const Blob session = Or(host::ReadFile(files.session));
  const auto state =
      Opened(flow::OpenSession(session, device, service), files.session);
  const Blob payload = Or(host::ReadFile(files.input));
  WritePlain(files.output,
             Opened(flow::OpenPayload(payload, state), files.input));
}

void SimpleEncrypt(const Files& files) {
  Absent(files.output);
  const Identity service = Read(files.service, Half::kPublic);
  const Identity device = Read(files.device, Half::kPrivate);
  const Blob plain = Or(host::ReadFile(files.input));
  WriteMessage(files.output,
               Opened(flow::MakeSingle(device, service, plain), files.output));
}

void SimpleDecrypt(const Files& files) {
  Absent(files.output);
  const Identity service = Read(files.service, Half::kPrivate);
  const Identity device = Read(files.device, Half::kPublic);
  const Blob message = Or(host::ReadFile(files.input));
  WritePlain(files.output,
             Opened(flow::OpenSingle(message, device, service), files.input));
}

// ---- registration -----------------------------------------------------------

// A command over `files`, which live as long as its options.
class Command {
 public:
  Command(CLI::App& group, const char* name, const char* what,
          const char* example)
      : app_(group.add_subcommand(name, what)) {
    app_->footer(std::string("Example:\n  ") + example);
  }

  Command& Input(const char* what) {
    return Add("-i,--input", files_->input, what);
  }
  Command& Output(const char* what) {
    return Add("-o,--output", files_->output, what);
  }
  Command& State(const char* what) {
    return Add("-s,--state", files_->state, what);
  }
  Command& Session(const char* what) {
    return Add("-s,--session", files_->session, what);
  }
  Command& DeviceKey() {
    return Add("-d,--device-key", files_->device,
               "the device's certificate (.crt), its private key beside it "
               "(.pk8)");
  }
  Command& DeviceCert() {
    return Add("-d,--device-cert", files_->device, "the device's certificate");
  }
  Command& ServiceCert(const char* what) {
    return Add("-c,--service-cert", files_->service, what);
  }
  void Runs(void (*command)(const Files&)) {
    app_->callback([files = files_, command] { command(*files); });
  }

 private:
  Command& Add(const char* names, fs::path& file, const char* what) {
    app_->add_option(names, file, what)->required();
    return *this;
  }

  CLI::App* app_;
  std::shared_ptr<Files> files_ = std::make_shared<Files>();
};

constexpr const char* kServicePublic = "the service's certificate";
constexpr const char* kServicePrivate =
    "the service's certificate (.crt), its private key beside it (.pk8)";

void RegisterSessions(CLI::App& group) {
  Command(group, "new-session", "start a session: its message and its state",
          "cai flow new-session -d device.crt -c cloud1.crt -s state -o "
          "session.cbor")
      .DeviceKey()
      .ServiceCert(kServicePublic)
      .State("file for the session's key (CBOR, 0600)")
      .Output("file for the session message")
      .Runs(NewSession);
  Command(group, "encrypt", "encrypt a payload under a session",
          "cai flow encrypt -s state -i payload.txt -o payload.cbor")
      .Input("the payload, any bytes")
      .Output("file for the message")
      .State("the session's state, as new-session wrote it")
      .Runs(Encrypt);
  Command(group, "decrypt", "open a payload with its session message",
          "cai flow decrypt -s session.cbor -d device.crt -c cloud1.crt -i "
          "payload.cbor -o payload.txt")
      .Input("the encrypted payload")
      .Output("file for the plaintext (0600)")
      .Session("the session message that new-session wrote")
      .DeviceCert()
      .ServiceCert(kServicePrivate)
      .Runs(Decrypt);
}

void RegisterSingles(CLI::App& group) {
  Command(group, "simple-encrypt", "sign and encrypt one payload, no session",
          "cai flow simple-encrypt -d device.crt -c cloud1.crt -i payload.txt "
          "-o single.cbor")
      .Input("the payload, any bytes")
      .Output("file for the message")
      .DeviceKey()
      .ServiceCert(kServicePublic)
      .Runs(SimpleEncrypt);
  Command(group, "simple-decrypt", "open what simple-encrypt wrote",
          "cai flow simple-decrypt -d device.crt -c cloud1.crt -i single.cbor "
          "-o payload.txt")
      .Input("the message")
      .Output("file for the plaintext (0600)")
      .DeviceCert()
      .ServiceCert(kServicePrivate)
      .Runs(SimpleDecrypt);
}

}  // namespace

void RegisterFlow(CLI::App& app) {
  auto* const group = app.add_subcommand(
      "flow", "messages of Linaro's `flow` tool, for interoperation");
  group->require_subcommand(1);
  group->footer(kDefects);
  RegisterSessions(*group);
  RegisterSingles(*group);
}

}  // namespace cai::cli
