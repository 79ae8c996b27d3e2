#include "lib/nn/reshape.h"

#include "lib/nn/layer.h"

namespace cai::nn {

// The target shape is the output tensor's; input 1 and the options repeat it.
Result<const Layer*> PrepareReshape(const LayerContext& context) {
  CAI_TRY(context.CheckArity(1, 2));
  CAI_TRY_ASSIGN(const auto from, context.InputData(0));
  CAI_TRY_ASSIGN(const auto to, context.OutputData());
  if (from.size() != to.size()) return Error::kNnBadShape;
  return context.Keep(UnaryLayer(Reshape{}, from, to));
}

}  // namespace cai::nn
