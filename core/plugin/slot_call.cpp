// SPDX-License-Identifier: Apache-2.0
#include "plugin/slot_call.hpp"

namespace dodona::plugin {

Error slot_error(const std::string& who, dodona_status status, const std::string& text) {
  const bool known = status > DODONA_OK && status <= DODONA_E_PLUGIN;
  std::string message = who.empty() ? "" : who + ": ";
  if (!text.empty()) {
    message += text;
  } else {
    message += "failed without a message (status " + std::to_string(status) + ")";
  }
  return Error(known ? status : DODONA_E_FAILED, message);
}

}  // namespace dodona::plugin
