#include "device/partitions/infer/catalogue.h"

// The linker's (device/arch/armv8m/secure.ld.in): what the MPU lets this
// partition execute as its own.
extern "C" const std::byte cai_link_infer_code_start[];
extern "C" const std::byte cai_link_infer_code_end[];

namespace cai::infer {

Bytes EngineCode() {
  return {cai_link_infer_code_start, cai_link_infer_code_end};
}

}  // namespace cai::infer
