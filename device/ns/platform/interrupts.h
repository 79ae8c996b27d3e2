// What the vector table of this board (irqs_<board>.cc) calls.
#pragma once

namespace cai::ns {
namespace uart {
void Interrupt();
}
namespace lan9118 {
void Interrupt();
}
}  // namespace cai::ns
