#include "device/images/memory_map.h"
#include "device/ns/platform/interrupts.h"

static_assert(cai::memory::kUart0Irq2 == 42);
static_assert(cai::memory::kLan9118Irq == 48);

extern "C" void cai_ns_Irq42() { cai::ns::uart::Interrupt(); }
extern "C" void cai_ns_Irq48() { cai::ns::lan9118::Interrupt(); }
