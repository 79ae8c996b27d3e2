// The groups of `cai`, one file each (cmd_<group>.cc). A group adds its
// subcommands to the program; their callbacks return normally or throw Stop.
#pragma once

#include <CLI/CLI.hpp>

namespace cai::cli {

void RegisterImage(CLI::App& app);           // keygen, sign, and:
void RegisterImageLooks(CLI::App& group);    // verify, show
void RegisterDevice(CLI::App& app);          // make, install, config, run, ...
void RegisterDeviceUpkeep(CLI::App& group);  // show, reset, unenrol
void RegisterDeviceLife(CLI::App& group);    // lifecycle, revoke
void RegisterDemo(CLI::App& app);            // sensor
void RegisterDoctor(CLI::App& app);
void RegisterReadings(CLI::App& app);
void RegisterReference(CLI::App& app);  // add, list
void RegisterToken(CLI::App& app);      // show, verify
void RegisterCa(CLI::App& app);         // init, show
void RegisterBroker(CLI::App& app);     // config
void RegisterService(CLI::App& app);    // init, show, rotate
void RegisterCommand(CLI::App& app);    // send, list
void RegisterRegistry(CLI::App& app);   // list, show, suspend, ...
void RegisterFlow(CLI::App& app);       // new-session, encrypt, ...
void RegisterSession(CLI::App& app);    // new, seal, open
void RegisterCose(CLI::App& app);       // inspect
void RegisterKey(CLI::App& app);        // new, show, public, ...
void RegisterCert(CLI::App& app);       // show, verify, request

}  // namespace cai::cli
