// `cai device`: make, install, configure, run and look into devices.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "host/common/json.h"
#include "host/device/device.h"
#include "host/device/run.h"
#include "host/device/unix_socket.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

host::State OpenState() {
  return Or(host::State::Open(common().StateDir().string()));
}

device::Device OpenDevice(const std::string& name) {
  return Or(device::Device::Open(OpenState(), name));
}

void Say(const device::Device& device, const char* what) {
  if (!common().json)
    std::printf("%s: %s\n", device.name().c_str(), what);
  else
    std::puts(boost::json::serialize(
                  boost::json::object{{"name", device.name()},
                                      {"board", device.board().name},
                                      {"uuid", device.uuid().Text()}})
                  .c_str());
}

// ---- list, log
// ----------------------------------------------------------------

void List() {
  boost::json::array rows;
  for (const auto& device : Or(device::Device::List(OpenState()))) {
    const bool running = device.running();
    rows.push_back(boost::json::object{{"name", device.name()},
                                       {"board", device.board().name},
                                       {"uuid", device.uuid().Text()},
                                       {"running", running}});
    if (!common().json)
      std::printf("%-16s %-6s %s  %s\n", device.name().c_str(),
                  std::string(device.board().name).c_str(),
                  device.uuid().Text().c_str(),
                  running ? "running" : "stopped");
  }
  if (common().json)
    std::puts(
        boost::json::serialize(boost::json::object{{"devices", rows}}).c_str());
  else if (rows.empty())
    std::puts("no device yet: cai device make NAME --board an521");
}

void PrintEvent(const events::Record& record) {
  if (common().json)
    std::puts(boost::json::serialize(
                  boost::json::object{{"ms", record.ms},
                                      {"source", record.source},
                                      {"id", record.id},
                                      {"name", events::EventName(record.id)},
                                      {"argument", record.argument},
                                      {"error", record.is_error()}})
                  .c_str());
  else
    std::puts(device::EventText(record).c_str());
  std::fflush(stdout);
}

volatile std::sig_atomic_t interrupted = 0;

void Log(const std::string& name, bool follow) {
  const auto device = OpenDevice(name);
  std::signal(SIGINT, [](int) { interrupted = 1; });
  Or(device::ReadLog(
      device, follow, [] { return interrupted == 0; }, PrintEvent));
}

// ---- shell
// --------------------------------------------------------------------

device::UnixSocket OpenShell(const device::Device& device) {
  auto socket = device::UnixSocket::Connect(device.folder() / "uart0.sock");
  if (!socket.ok())
    throw Stop(device.name() + " does not run",
               "cai device run " + device.name());
  return *std::move(socket);
}

constexpr std::string_view kPrompt = "\n> ";

// What stands between the command's echo and the prompt behind it.
std::optional<std::string> AnswerIn(std::string text,
                                    const std::string& command) {
  std::erase(text, '\r');
  const auto echo = text.find(command + "\n");
  if (echo == std::string::npos) return std::nullopt;
  const auto begin = echo + command.size();  // at the line's end
  const auto end = text.find(kPrompt, begin);
  if (end == std::string::npos) return std::nullopt;
  return text.substr(begin + 1, end == begin ? 0 : end - begin);
}

void RunCommand(const device::Device& device, const std::string& command) {
  const auto shell = OpenShell(device);
  while (shell.Receive(50ms).ok()) {  // what is old
  }
  Or(shell.Send(command + "\r"));
  std::string text;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto more = shell.Receive(250ms);
    if (more.ok() && more->empty()) break;
    if (more.ok()) text += *more;
    if (const auto answer = AnswerIn(text, command)) {
      std::fputs(answer->c_str(), stdout);
      return;
    }
  }
  throw Stop(device.name() + "'s shell does not answer",
             "is another `cai device shell` open? cai device log " +
                 device.name() + " says how it is");
}

// The terminal as it was, however we leave.
class RawTerminal {
 public:
  RawTerminal() {
    good_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios raw = before_;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST;
    if (good_) tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~RawTerminal() {
    if (good_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  termios before_{};
  bool good_;
};

constexpr char kLeave = 0x1d;  // Ctrl-]

// False when the person leaves or input ends.
bool PassInput(const device::UnixSocket& shell) {
  std::array<char, 256> buffer;
  const ssize_t n = read(STDIN_FILENO, buffer.data(), buffer.size());
  if (n <= 0) return false;
  const std::string_view typed(buffer.data(), static_cast<std::size_t>(n));
  Or(shell.Send(typed.substr(0, typed.find(kLeave))));
  return typed.find(kLeave) == std::string_view::npos;
}

bool PassOutput(const device::UnixSocket& shell) {
  const auto text = shell.Receive(0ms);
  if (!text.ok() || text->empty()) return false;
  std::fwrite(text->data(), 1, text->size(), stdout);
  std::fflush(stdout);
  return true;
}

void Interact(const device::Device& device) {
  const auto shell = OpenShell(device);
  std::fprintf(stderr, "%s's shell; Ctrl-] leaves\n", device.name().c_str());
  const RawTerminal terminal;
  Or(shell.Send("\r"));
  std::array<pollfd, 2> ready{
      {{STDIN_FILENO, POLLIN, 0}, {shell.fd(), POLLIN, 0}}};
  while (poll(ready.data(), ready.size(), -1) > 0) {
    if (ready[0].revents != 0 && !PassInput(shell)) return;
    if (ready[1].revents != 0 && !PassOutput(shell)) return;
  }
}

// ---- registration
// -------------------------------------------------------------

using Name = std::shared_ptr<std::string>;

CLI::App* AddCommand(CLI::App& group, const char* name, const char* words,
                     Name& device) {
  auto* const command = group.add_subcommand(name, words);
  device = std::make_shared<std::string>();
  command->add_option("name", *device, "name of the device")->required();
  return command;
}

void RegisterMake(CLI::App& group) {
  Name name;
  auto* const command = AddCommand(group, "make", "manufacture a device", name);
  auto board = std::make_shared<std::string>();
  auto replace = std::make_shared<bool>(false);
  command->add_option("--board", *board, "an521 or an547")->required();
  command->add_flag("--replace", *replace,
                    "take the name over from a lost device");
  command->callback([=] {
    Say(Or(device::Device::Make(OpenState(), *name, *board, *replace)), "made");
  });
}

void RegisterInstall(CLI::App& group) {
  Name name;
  auto* const command =
      AddCommand(group, "install", "write signed images into the flash", name);
  auto what = std::make_shared<device::Installation>();
  auto config = std::make_shared<std::string>();
  auto* const images = command->add_option_group("images");
  images->add_option("--secure", what->secure, "signed image");
  images->add_option("--nonsecure", what->nonsecure, "signed image");
  images->require_option(1, 2);
  command->add_option("--config", *config, "signed configuration object");
  command->add_flag("--confirm", what->confirm,
                    "for good; else the device starts it once on trial");
  command->add_flag("--unchecked", what->unchecked,
                    "also what the device will refuse (for tests)");
  command->callback([=] {
    const auto device = OpenDevice(*name);
    Or(device::Install(device, *what));
    if (!config->empty()) Or(device::ConfigureFrom(device, *config));
    Say(device, "images installed");
  });
}

void RegisterConfig(CLI::App& group) {
  Name name;
  auto* const command =
      AddCommand(group, "config",
                 "write the configuration, signed by the service root", name);
  auto settings = std::make_shared<device::Settings>();
  command->add_option("--bootstrap-port", settings->bootstrap_port)
      ->required()
      ->check(CLI::Range(1, 65535));
  command->add_option("--broker-port", settings->broker_port)
      ->required()
      ->check(CLI::Range(1, 65535));
  command
      ->add_option("--interval-ms", settings->interval_ms,
                   "between two readings (default 500)")
      ->check(CLI::Range(10, 86'400'000));
  command->callback([=] {
    const auto device = OpenDevice(*name);
    Or(device::Configure(OpenState(), device, *settings));
    Say(device, "configured");
  });
}

void RegisterRun(CLI::App& group) {
  Name name;
  auto* const command = AddCommand(
      group, "run", "run the device in QEMU, in the foreground", name);
  auto options = std::make_shared<device::RunOptions>();
  command->add_option("--boot", options->boot,
                      "boot.elf (default: of the build tree)");
  command->add_option("--qemu", options->qemu, "program (else $CAI_QEMU)");
  command->callback([=] {
    const auto device = OpenDevice(*name);
    if (options->boot.empty())
      options->boot = BuildDir().parent_path() /
                      ("device-" + std::string(device.board().name)) /
                      "images/boot.elf";
    Or(device::Run(device, *options, PrintEvent));
  });
}

void RegisterLooks(CLI::App& group) {
  Name name;
  auto* command = AddCommand(group, "stop", "stop a running device", name);
  command->callback([name] {
    const auto device = OpenDevice(*name);
    Or(device::Stop(device));
    Say(device, "stopped");
  });

  command = AddCommand(group, "log", "the decoded secure events", name);
  auto follow = std::make_shared<bool>(false);
  command->add_flag("--follow", *follow, "wait for more");
  command->callback([=] { Log(*name, *follow); });

  command = AddCommand(group, "shell", "the device's own shell", name);
  auto line = std::make_shared<std::string>();
  command->add_option("--command", *line, "run this and leave");
  command->callback([=] {
    const auto device = OpenDevice(*name);
    if (line->empty())
      Interact(device);
    else
      RunCommand(device, *line);
  });

  group.add_subcommand("list", "all devices")->callback(List);
}

}  // namespace

void RegisterDevice(CLI::App& app) {
  auto* const group =
      app.add_subcommand("device", "make, install and run devices");
  group->require_subcommand(1);
  RegisterMake(*group);
  RegisterInstall(*group);
  RegisterConfig(*group);
  RegisterRun(*group);
  RegisterLooks(*group);
  RegisterDeviceUpkeep(*group);
  RegisterDeviceLife(*group);
}

}  // namespace cai::cli
