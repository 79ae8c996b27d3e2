#include "device/partitions/infer/catalogue.h"

// models.S
extern "C" const std::byte cai_model_machine[], cai_model_machine_end[];
extern "C" const std::byte cai_model_sine[], cai_model_sine_end[];

namespace cai::infer {

BuiltIn Model(ModelIndex index) {
  if (index == kSine)
    return {"sine", "1.0.0", {cai_model_sine, cai_model_sine_end}};
  return {"machine", "1.0.0", {cai_model_machine, cai_model_machine_end}};
}

}  // namespace cai::infer
