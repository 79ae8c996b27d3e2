// A device in QEMU: started in the foreground, watched, stopped.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/device/device.h"
#include "lib/events/events.h"

namespace cai::device {

struct RunOptions {
  fs::path boot;                   // boot.elf
  std::string qemu;                // else $CAI_QEMU, else qemu-system-arm
  std::vector<std::string> extra;  // more arguments for QEMU, for experiments
};

// QEMU's arguments, without the program's name. Paths are relative to the
// device's folder, where QEMU runs; nothing secret is among them.
std::vector<std::string> Arguments(const Device& device,
                                   const RunOptions& options);

// Runs the device until QEMU ends or SIGINT or SIGTERM comes (then it is told
// to quit, and this returns well). `on_event` hears every record of the secure
// console. Sockets, seed and pid file are gone afterwards. An error if boot
// halted (kBootNoImage and the like) or QEMU failed.
Finished Run(const Device& device, const RunOptions& options,
             const std::function<void(const events::Record&)>& on_event);

// Asks a running device to quit and waits until it has. kHostNotFound if it
// does not run.
Finished Stop(const Device& device);

// One line for people: "  0.123 s  boot  BootDone  words ... 5".
std::string EventText(const events::Record& record);

// Hears every record in uart1.bin; with `follow` waits for more until
// `go_on` returns false.
Finished ReadLog(const Device& device, bool follow,
                 const std::function<bool()>& go_on,
                 const std::function<void(const events::Record&)>& on_event);

}  // namespace cai::device
