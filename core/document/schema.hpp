// SPDX-License-Identifier: Apache-2.0
//
// The JSON Schema of study files, for editors: from the table that checks them and the options of
// the plugins at hand.
//
// Some rules no schema can say. The checker has them: that a metric's direction is known, that
// min_value is below max_value, and that 32.0 is not an integer.
//
// Source:  JSON Schema, draft 2020-12.
// Threads: pure.
#pragma once

#include "plugin/catalogue.hpp"

#include <boost/json/object.hpp>

namespace dodona::document {

boost::json::object schema(const plugin::Catalogue& catalogue);

}  // namespace dodona::document
