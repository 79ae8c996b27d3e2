#include "device/images/memory_map.h"
#include "device/ns/platform/interrupts.h"

static_assert(cai::memory::kUart0Irq2 == 43);
static_assert(cai::memory::kLan9118Irq == 49);

extern "C" void cai_ns_Irq43() { cai::ns::uart::Interrupt(); }
extern "C" void cai_ns_Irq49() { cai::ns::lan9118::Interrupt(); }
