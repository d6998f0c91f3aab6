// SPDX-License-Identifier: Apache-2.0
//
// All that a plugin with a torch::nn::Module of its own needs: the SDK, the torch kit and torch::nn.
// It costs half a minute in each translation unit; its parts below can be included one by one.
#pragma once

#include <dodona/plugin.hpp>
#include <dodona/train/hypermodel.hpp>
#include <dodona/train/own_module.hpp>

#include <torch/nn.h>
