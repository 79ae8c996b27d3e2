// The groups of `cai`, one file each (cmd_<group>.cc). A group adds its
// subcommands to the program; their callbacks return normally or throw Stop.
#pragma once

#include <CLI/CLI.hpp>

namespace cai::cli {

void RegisterImage(CLI::App& app);   // keygen, sign, verify, show
void RegisterDevice(CLI::App& app);  // make, install, config, run, ...
void RegisterDemo(CLI::App& app);    // sensor
void RegisterDoctor(CLI::App& app);
void RegisterReadings(CLI::App& app);
void RegisterReference(CLI::App& app);  // add, list
void RegisterCa(CLI::App& app);         // init, show
void RegisterBroker(CLI::App& app);     // config
void RegisterService(CLI::App& app);    // init, show, rotate
void RegisterRegistry(CLI::App& app);   // list, show, suspend, ...

}  // namespace cai::cli
