// Included with CAI_EVENT(name, number, words) defined. Append, never renumber:
// records outlive the firmware that wrote them. From 0x8000 on it is an error:
// something that a healthy device does not do.

// clang-format off
// The SPM and boot.
CAI_EVENT(BootStarted,        0x0001, "boot started; argument: boot counter")
CAI_EVENT(BootDone,           0x0002, "boot verified all images; argument: S image security counter")
CAI_EVENT(SpmStarted,         0x0003, "the SPM took over; argument: boot counter")
CAI_EVENT(PartitionStarted,   0x0004, "a partition is ready")
CAI_EVENT(NonSecureEntered,   0x0005, "NS code runs; argument: its reset address")
CAI_EVENT(Trace,              0x0006, "a partition's trace point")
CAI_EVENT(BootCandidate,      0x0007, "boot tries an image; argument: image (0 S, 1 NS) << 8 | slot")
CAI_EVENT(BootAccepted,       0x0008, "boot accepted the image; argument: image (0 S, 1 NS) << 8 | slot")
CAI_EVENT(BootIdentity,       0x0009, "boot derived the device's keys; argument: key generation")

// Partition crypto.
CAI_EVENT(CryptoConfiguration, 0x0110, "the signed configuration was accepted; argument: its issue time, low 32 bits")
CAI_EVENT(CryptoNoConfiguration, 0x0111, "there is no configuration in NV")
CAI_EVENT(CryptoNotHandedOut, 0x0112, "a partition that is not there did not get its key; argument: PartitionId")
CAI_EVENT(CryptoSeedRepeated, 0x0113, "the entropy seed is that of the start before, as after a reset; boot counter and carry keep the starts apart")

// Partition storage.
CAI_EVENT(StorageFormatted,   0x0120, "a store had no valid half and begins empty; argument: 1 ITS, 2 PS")

// Partition seal.
CAI_EVENT(SealSession,        0x0140, "a sealing session began; argument: its counter, low 32 bits")
CAI_EVENT(SealSessionEnded,   0x0141, "a sealing session ended; argument: reason (wire::Close)")
CAI_EVENT(SealServiceKey,     0x0142, "a service key was accepted; argument: its generation")
CAI_EVENT(SealRefused,        0x0143, "a service key, challenge or command was refused; argument: Error")
CAI_EVENT(SealCommand,        0x0144, "a command of the service was obeyed; argument: its operation")
CAI_EVENT(SealDropped,        0x0145, "a result was not sealed; argument: Error")
CAI_EVENT(SealRecovered,      0x0146, "inference answers again")

CAI_EVENT(HandoffBad,         0x8001, "the hand-off block of boot is not valid")
CAI_EVENT(StartRefused,       0x8002, "a partition refused to start; argument: status")
CAI_EVENT(PartitionFault,     0x8003, "a partition faulted and was stopped; argument: CFSR")
CAI_EVENT(PartitionHung,      0x8004, "a partition ran longer than its limit and was stopped; argument: ms")
CAI_EVENT(FaultAddress,       0x8005, "address that the fault before names")
CAI_EVENT(FaultPc,            0x8006, "instruction of the fault before")
CAI_EVENT(NonSecureFault,     0x8007, "NS touched what is not its own; argument: SFSR | CFSR")
CAI_EVENT(NonSecureReset,     0x8008, "NS faulted without a handler: reset; argument: its PC")
CAI_EVENT(SpmFault,           0x8009, "the SPM itself faulted: reset; argument: CFSR or PC")
CAI_EVENT(ImageRefused,       0x800A, "boot refused an image; argument: Error")
CAI_EVENT(FlashFailed,        0x800B, "a flash or counter operation failed; argument: Error")
CAI_EVENT(BootHalted,         0x800C, "boot halted: the device does not start; argument: Error")
CAI_EVENT(BootCounterFailed,  0x800D, "the boot counter could not be advanced: nothing is attested or sealed; argument: Error")

// Partition crypto.
CAI_EVENT(CryptoBadConfiguration, 0x8110, "the configuration in NV was refused; argument: Error")
CAI_EVENT(CryptoKeyFailed,    0x8111, "a device key could not be made; argument: its id")
CAI_EVENT(CryptoNoEntropy,    0x8112, "the DRBGs could not be seeded; argument: Error")
CAI_EVENT(CryptoSeedUnhealthy, 0x8113, "the entropy source looks dead; argument: 1 repetition, 2 proportion (SP 800-90B, 4.4)")

// Partition storage.
CAI_EVENT(StorageFailed,      0x8120, "a store cannot be read; argument: 1 ITS, 2 PS")
CAI_EVENT(StorageRolledBack,  0x8121, "a store was older than OTP says, or tampered with, and begins empty; argument: 1 ITS, 2 PS")

// Partition seal.
CAI_EVENT(SealDisabled,       0x8140, "nothing is sealed in this boot: there is no boot count")
CAI_EVENT(SealInferFailed,    0x8141, "inference does not answer; argument: Error")
CAI_EVENT(SealCounterFailed,  0x8142, "sealing stopped: a counter failed; argument: Error")
// clang-format on
