// Every operator of this library, for the host and for tests. A device's
// partition lists only what its models need.
#pragma once

#include "lib/nn/layer.h"

namespace cai::nn {

inline constexpr Kernel kAllKernels[] = {
    {OperatorCode::kAdd, PrepareAdd},
    {OperatorCode::kAveragePool2d, PrepareAveragePool2d},
    {OperatorCode::kConv2d, PrepareConv2d},
    {OperatorCode::kDepthwiseConv2d, PrepareDepthwiseConv2d},
    {OperatorCode::kFullyConnected, PrepareFullyConnected},
    {OperatorCode::kReshape, PrepareReshape},
    {OperatorCode::kSoftmax, PrepareSoftmax},
};

}  // namespace cai::nn
