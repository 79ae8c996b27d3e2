// A device as the host knows it: a folder of the state folder with its board,
// its OTP page and its flash. Making one, and what is put into it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/common/state.h"
#include "host/common/text.h"
#include "host/device/boards.h"
#include "lib/crypto/p256.h"

namespace cai::device {

using host::Finished;
using host::Outcome;
namespace fs = host::fs;

class Draft;  // device.cc

class Device {
 public:
  // kHostNotFound with a hint; kHostDamaged.
  static Outcome<Device> Open(const host::State& state, std::string_view name);

  // Random HUK; image keys and service root as the state folder has them;
  // endorsed in the registry. The folder appears whole or not at all.
  // kHostExists; kHostNotFound where a key is missing. `replace` lets a name
  // go over to the new device that the registry still knows from a lost one.
  // A make that was killed is gone on with where it stopped, or begun anew.
  static Outcome<Device> Make(const host::State& state, std::string_view name,
                              std::string_view board, bool replace);

  static Outcome<std::vector<Device>> List(const host::State& state);

  const std::string& name() const { return name_; }
  const Board& board() const { return *board_; }
  const host::Uuid& uuid() const { return uuid_; }
  const fs::path& folder() const { return folder_; }
  fs::path otp() const { return folder_ / "otp.bin"; }
  fs::path nv() const { return folder_ / "nv.bin"; }
  fs::path pid() const { return folder_ / "pid"; }

  // Held while it runs or its flash is written. kHostInUse.
  Outcome<host::FileLock> Lock() const;
  bool running() const;

 private:
  Device(std::string name, const Board* board, host::Uuid uuid, fs::path folder)
      : name_(std::move(name)),
        board_(board),
        uuid_(uuid),
        folder_(std::move(folder)) {}

  static Outcome<Device> OpenFolder(std::string_view name,
                                    const fs::path& folder);
  static Outcome<bool> Resume(const host::State& state, std::string_view name,
                              Draft& draft);

  std::string name_;
  const Board* board_;
  host::Uuid uuid_;
  fs::path folder_;
};

// Into the slots that the device does not use now. An image is on trial: the
// device starts it once and goes back unless the running system confirms it.
// The first installation is confirmed, for there is nothing to go back to, and
// so is a file that `imgtool sign --confirm` padded.
struct Installation {
  fs::path secure;     // empty: that image stays as it is
  fs::path nonsecure;  // the same
  bool confirm = false;
  bool unchecked = false;  // also what the device will refuse
};
// Refuses, before it writes, what boot would refuse or not choose.
Finished Install(const Device& device, const Installation& what);

struct Settings {
  std::uint16_t bootstrap_port = 0;
  std::uint16_t broker_port = 0;
  std::uint32_t interval_ms = 500;
  ByteArray<4> host_ip{std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}};
};
// Writes the configuration object, signed by the service root, into the flash.
Finished Configure(const host::State& state, const Device& device,
                   const Settings& settings);

// An object that was signed elsewhere, as it is; verified first.
Finished ConfigureFrom(const Device& device, const fs::path& file);

}  // namespace cai::device
