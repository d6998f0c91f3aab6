# SPDX-License-Identifier: Apache-2.0
#
# find_package(dodona-sdk) gives the target dodona::sdk and the function dodona_add_plugin().
# find_package(dodona-sdk COMPONENTS torch) gives dodona::sdk_torch as well, which needs LibTorch and
# zlib. A plugin with it is made with SHARED_RUNTIME.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST languages)
  enable_language(C) # the manifest of a plugin is written by a small C program
endif()
include(${CMAKE_CURRENT_LIST_DIR}/dodona-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/dodona_add_plugin.cmake)

foreach(component IN LISTS ${CMAKE_FIND_PACKAGE_NAME}_FIND_COMPONENTS)
  set(file ${CMAKE_CURRENT_LIST_DIR}/dodona-sdk-${component}-targets.cmake)
  if(component STREQUAL "torch" AND EXISTS ${file})
    include(CMakeFindDependencyMacro)
    find_dependency(ZLIB)
    find_dependency(Torch)
    if(NOT TARGET dodona::sdk_torch)
      include(${file})
      set_property(TARGET dodona::sdk_torch APPEND PROPERTY INTERFACE_LINK_LIBRARIES
                                                           ${TORCH_LIBRARIES})
      set_property(TARGET dodona::sdk_torch APPEND PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
                                                           ${TORCH_INCLUDE_DIRS})
      set_property(TARGET dodona::sdk_torch APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES
                                                           ${TORCH_INCLUDE_DIRS})
    endif()
    set(${CMAKE_FIND_PACKAGE_NAME}_${component}_FOUND TRUE)
  elseif(${CMAKE_FIND_PACKAGE_NAME}_FIND_REQUIRED_${component})
    set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
    set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE
        "this installation has no component '${component}'; torch is there where Dodona was built with LibTorch")
  endif()
endforeach()
