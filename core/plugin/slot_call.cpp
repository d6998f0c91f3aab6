// SPDX-License-Identifier: Apache-2.0
#include "plugin/slot_call.hpp"

#include <exception>

namespace dodona::plugin {

Error slot_error(const std::string& who, dodona_status status, const std::string& text) {
  const bool known = status > DODONA_OK && status <= DODONA_E_INFEASIBLE;
  std::string message = who.empty() ? "" : who + ": ";
  if (!text.empty()) {
    message += text;
  } else {
    message += "failed without a message (status " + std::to_string(status) + ")";
  }
  return Error(known ? status : DODONA_E_FAILED, message);
}

Error slot_exception(const std::string& who) {
  const std::string prefix = who.empty() ? "" : who + ": ";
  try {
    throw;
  } catch (const std::exception& thrown) {
    return Error(DODONA_E_EXCEPTION, prefix + "threw out of its table: " + thrown.what());
  } catch (...) {
    return Error(DODONA_E_EXCEPTION,
                 prefix + "threw out of its table what is not a std::exception");
  }
}

}  // namespace dodona::plugin
