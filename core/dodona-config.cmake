# SPDX-License-Identifier: Apache-2.0
#
# find_package(dodona) gives dodona::dodona, the kernel for embedding; it brings dodona::sdk.
include(CMakeFindDependencyMacro)
find_dependency(dodona-sdk HINTS ${CMAKE_CURRENT_LIST_DIR}/../dodona-sdk)
include(${CMAKE_CURRENT_LIST_DIR}/dodona-targets.cmake)
