# SPDX-License-Identifier: Apache-2.0
#
# find_package(dodona-sdk) gives the target dodona::sdk and the function dodona_add_plugin().
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST languages)
  enable_language(C) # the manifest of a plugin is written by a small C program
endif()
include(${CMAKE_CURRENT_LIST_DIR}/dodona-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/dodona_add_plugin.cmake)
