// SPDX-License-Identifier: Apache-2.0
#include "support/keeper.hpp"

#include <dodona/plugin.hpp>

DODONA_PLUGIN(dodona::hypermodel<dodona::support::Keeper>(
    {.id = "org.example.keeper", .name = "keeper", .description = "a model that can be saved"}));
