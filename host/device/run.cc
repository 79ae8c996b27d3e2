#include "host/device/run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "device/nv/layout.h"
#include "host/device/qmp.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace cai::device {
namespace {

using host::Problem;
using namespace std::chrono_literals;

constexpr std::array kSockets = {"uart0.sock", "qmp.sock"};

std::string Address(std::uint32_t value) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

// Locally administered, in QEMU's own range; the same at every start.
std::string MacOf(const host::Uuid& uuid) {
  const auto digest = crypto::Sha256::Of(uuid.bytes);
  std::array<char, 20> text;
  std::snprintf(text.data(), text.size(), "52:54:00:%02x:%02x:%02x",
                std::to_integer<unsigned>(digest[0]),
                std::to_integer<unsigned>(digest[1]),
                std::to_integer<unsigned>(digest[2]));
  return text.data();
}

std::string LoaderOf(std::string_view file, std::uint32_t address) {
  return "loader,file=" + std::string(file) + ",addr=" + Address(address) +
         ",force-raw=on";
}

void RemoveLeftovers(const Device& device) {
  std::error_code ignored;
  for (const char* name : kSockets) fs::remove(device.folder() / name, ignored);
  fs::remove(device.folder() / "seed.bin", ignored);
  fs::remove(device.pid(), ignored);
}

Finished WriteSeed(const Device& device) {
  Secret<otp::kSeedSize> seed;
  CAI_TRY(crypto::Random(seed.mutable_bytes()));
  return host::WriteFile(device.folder() / "seed.bin", seed.bytes());
}

// Children do not inherit what the parent blocked, and end with it.
[[noreturn]] void BecomeQemu(const Device& device, const std::string& program,
                             const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);  // Ctrl-C reaches us, and we tell QEMU
  umask(0077);
  if (chdir(device.folder().c_str()) == 0) execvp(argv[0], argv.data());
  _exit(127);
}

// The signals that end us, as a descriptor to look at.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &before_);
    fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  }
  ~Signals() {
    close(fd_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  bool Came() const {
    signalfd_siginfo info;
    return read(fd_, &info, sizeof info) == sizeof info;
  }

 private:
  sigset_t before_;
  int fd_;
};

// The running QEMU; killed if nobody ended it before.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, &status_, 0);
    }
  }
  bool Ended() {
    ended_ = ended_ || waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
  }
  bool EndsWithin(std::chrono::milliseconds limit) {
    for (auto waited = 0ms; waited < limit && !Ended(); waited += 20ms)
      std::this_thread::sleep_for(20ms);
    return Ended();
  }
  // Politely, then less so.
  void End(const Device& device) {
    auto qmp = Qmp::Open(device.folder() / "qmp.sock");
    if (qmp.ok()) (void)qmp->Execute("quit");
    if (EndsWithin(2000ms)) return;
    kill(pid_, SIGTERM);
    if (EndsWithin(1000ms)) return;
    kill(pid_, SIGKILL);
    EndsWithin(1000ms);
  }
  pid_t pid() const { return pid_; }
  int status() const { return status_; }

 private:
  pid_t pid_;
  int status_ = 0;
  bool ended_ = false;
};

Problem QemuFailed(const Device& device, int status) {
  auto said = host::ReadText(device.folder() / "qemu.log", 1u << 20);
  std::string words = said.ok() ? *said : "";
  while (!words.empty() && words.back() == '\n') words.pop_back();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return {Error::kHostNotFound, "qemu-system-arm",
            "./run setup installs it, or set CAI_QEMU"};
  const std::size_t line = words.rfind('\n');
  if (line != std::string::npos && words.size() < 400)
    words = words.substr(line + 1);
  if (words.size() > 400) words = words.substr(words.size() - 400);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
    return {
        Error::kHostIo, device.name() + " locked up",
        "the register dump is in " + (device.folder() / "qemu.log").string()};
  return {Error::kHostIo, "QEMU ended: " + words,
          "all it said is in " + (device.folder() / "qemu.log").string()};
}

// Reads the records of the secure console as they come.
class Console {
 public:
  explicit Console(const Device& device)
      : path_(device.folder() / "uart1.bin") {}

  void Drain(const std::function<void(const events::Record&)>& on_event) {
    if (!file_.is_open()) file_.open(path_, std::ios::binary);
    char c;
    while (file_.get(c)) {
      const auto record = decoder_.Push(std::byte(c));
      if (!record) continue;
      on_event(*record);
      if (record->id == std::uint16_t(events::EventId::kBootHalted))
        halted_ = Error(record->argument);
    }
    file_.clear();
  }
  std::optional<Error> halted() const { return halted_; }

 private:
  fs::path path_;
  std::ifstream file_;
  events::Decoder decoder_;
  std::optional<Error> halted_;
};

// QEMU has read its files once it answers: then the seed need not lie about.
Finished AwaitStart(const Device& device, Child& child) {
  for (int tries = 0; tries < 200; ++tries) {
    if (child.Ended()) return QemuFailed(device, child.status());
    if (Qmp::Open(device.folder() / "qmp.sock").ok()) {
      fs::remove(device.folder() / "seed.bin");
      return kDone;
    }
    std::this_thread::sleep_for(50ms);
  }
  return Problem(Error::kHostTimeout, "QEMU does not answer",
                 "is the machine overloaded?");
}

Outcome<pid_t> Start(const Device& device, const RunOptions& options) {
  std::string program = options.qemu;
  if (const char* named = std::getenv("CAI_QEMU"); program.empty())
    program = named && *named ? named : "qemu-system-arm";
  const auto arguments = Arguments(device, options);
  const int log = open((device.folder() / "qemu.log").c_str(),
                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0)
    return Problem(Error::kHostIo, (device.folder() / "qemu.log").string() +
                                       ": " + std::strerror(errno));
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    BecomeQemu(device, program, arguments);
  }
  close(log);
  if (pid < 0) return Problem(Error::kHostIo, "cannot start a process");
  return pid;
}

Finished Watch(const Device& device, Child& child, const Signals& signals,
               const std::function<void(const events::Record&)>& on_event) {
  Console console(device);
  while (!signals.Came()) {
    const bool ended = child.Ended();
    console.Drain(on_event);
    if (console.halted()) {
      child.End(device);
      return Problem(*console.halted(), device.name() + " does not start",
                     "cai device log " + device.name() + " has the reasons");
    }
    if (ended && WIFEXITED(child.status()) && WEXITSTATUS(child.status()) == 0)
      return kDone;  // told to quit by `cai device stop`
    if (ended) return QemuFailed(device, child.status());
    std::this_thread::sleep_for(50ms);
  }
  child.End(device);
  console.Drain(on_event);
  return kDone;
}

Finished CheckFiles(const Device& device, const RunOptions& options) {
  if (!fs::exists(options.boot))
    return Problem(Error::kHostNotFound,
                   "the boot loader " + options.boot.string(),
                   "./run setup builds it, or name it with --boot");
  for (const fs::path& path : {device.otp(), device.nv()})
    if (!fs::exists(path))
      return Problem(Error::kHostDamaged, path.string() + " is missing",
                     "remove the device's folder and make it anew");
  std::error_code error;
  if (fs::file_size(device.nv(), error) != device.board().nv_file_size)
    return Problem(Error::kHostDamaged,
                   device.nv().string() + " has a wrong size",
                   "remove the device's folder and make it anew");
  return kDone;
}

}  // namespace

std::vector<std::string> Arguments(const Device& device,
                                   const RunOptions& options) {
  const Board& board = device.board();
  const std::string machine(board.machine);
  std::vector<std::string> out = {
      "-M",
      machine + ",memory-backend=nv",
      "-name",
      device.name(),
      "-display",
      "none",
      "-monitor",
      "none",
      "-object",
      "memory-backend-file,id=nv,size=" + std::to_string(board.nv_file_size) +
          ",mem-path=nv.bin,share=on",
      "-kernel",
      fs::absolute(options.boot).string(),
      "-device",
      LoaderOf("otp.bin", board.otp_address),
      "-device",
      LoaderOf("seed.bin", board.seed_address),
      "-nic",
      "user,mac=" + MacOf(device.uuid()),
      "-device",
      "tmp105,id=temperature,address=0x48",
      "-device",
      "lsm303dlhc_mag,id=magnetometer,address=0x1e",
      "-device",
      "ds1338,address=0x68",
      "-chardev",
      "socket,id=uart0,path=uart0.sock,server=on,wait=off,logfile=uart0.log",
      "-serial",
      "chardev:uart0",
      "-chardev",
      "file,id=uart1,path=uart1.bin",
      "-serial",
      "chardev:uart1",
      "-qmp",
      "unix:qmp.sock,server=on,wait=off"};
  out.insert(out.end(), options.extra.begin(), options.extra.end());
  return out;
}

Finished Run(const Device& device, const RunOptions& options,
             const std::function<void(const events::Record&)>& on_event) {
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY(CheckFiles(device, options));
  const Signals signals;
  RemoveLeftovers(device);
  std::error_code ignored;
  fs::remove(device.folder() / "uart1.bin", ignored);
  CAI_TRY(WriteSeed(device));
  const auto pid = Start(device, options);
  Finished done = kDone;
  if (pid.ok()) {
    Child child(*pid);
    done = host::WriteFile(device.pid(), std::to_string(*pid) + "\n");
    if (done.ok()) done = AwaitStart(device, child);
    if (done.ok()) done = Watch(device, child, signals, on_event);
  } else {
    done = pid.error();
  }
  RemoveLeftovers(device);
  return done;
}

Finished Stop(const Device& device) {
  if (!device.running())
    return Problem(Error::kHostNotFound, device.name() + " does not run");
  CAI_TRY_ASSIGN(Qmp qmp, Qmp::Open(device.folder() / "qmp.sock"));
  (void)qmp.Execute("quit");  // may close before it answers
  for (int tries = 0; tries < 100 && device.running(); ++tries)
    std::this_thread::sleep_for(50ms);
  if (device.running())
    return Problem(Error::kHostTimeout, device.name() + " does not stop");
  return kDone;
}

}  // namespace cai::device
