# SPDX-License-Identifier: Apache-2.0
#
# dodona_add_plugin(NAME SOURCES file... [LINK target...] [SHARED_RUNTIME] [NO_INSTALL]
#                   [OUTPUT_DIRECTORY dir] [OUTPUT_NAME name] [VARIANTS (PROCESSOR TARGET)...])
#
# For CMake 3.16 and later. Makes NAME.so, a plugin that exports dodona_module_v0 alone, and its manifest NAME.json beside it,
# so that a host can tell what is inside without loading it. Both lie in
# <build>/lib/dodona/plugins and are installed to lib/dodona/plugins.
#
#   LINK              libraries; dodona::sdk is always there
#   SHARED_RUNTIME    for a plugin that links another C++ library (LibTorch): two copies of the C++
#                     runtime must not meet in one call chain. Without it the plugin carries its own.
#                     A plugin that needs the shared libc++ is refused: hosts have libstdc++.
#   NO_INSTALL        for plugins that only tests load
#   OUTPUT_DIRECTORY  instead of <build>/lib/dodona/plugins
#   OUTPUT_NAME       names the two files, instead of the target's name
#   VARIANTS          the same plugin, compiled for processors that can do more, the best one first: a
#                     level that hosts know, such as x86-64-v3, and the target of another call, whose
#                     library is PROCESSOR/NAME.so beside NAME.so. The manifest names it, so that a
#                     host can pick it. Bits of results may differ between the two.
#
# DODONA_PLUGIN_LINK may hold further targets for all plugins of a project (warnings, a linker).
# The global property DODONA_PLUGINS lists what was made.
include_guard(GLOBAL)

set_property(GLOBAL PROPERTY DODONA_SDK_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# The program that writes manifests: built once for a project, with its flags, so that a sanitized
# plugin meets its run time.
function(_dodona_manifest_tool)
  if(TARGET dodona_manifest)
    return()
  endif()
  get_property(here GLOBAL PROPERTY DODONA_SDK_CMAKE_DIR)
  add_executable(dodona_manifest EXCLUDE_FROM_ALL ${here}/manifest.c ${here}/tables.c)
  target_link_libraries(dodona_manifest PRIVATE dodona::sdk ${CMAKE_DL_LIBS} ${DODONA_PLUGIN_LINK})
  set_target_properties(
    dodona_manifest
    PROPERTIES C_STANDARD 11
               C_STANDARD_REQUIRED ON
               OUTPUT_NAME dodona-manifest
               RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/CMakeFiles)
  # clang's run time for sanitized C++ comes with its linker for C++ alone.
  if(CMAKE_CXX_COMPILER AND "${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
    set_target_properties(dodona_manifest PROPERTIES LINKER_LANGUAGE CXX)
  endif()
endfunction()

function(dodona_add_plugin name)
  cmake_parse_arguments(
    PARSE_ARGV 1 arg "SHARED_RUNTIME;NO_INSTALL" "OUTPUT_DIRECTORY;OUTPUT_NAME"
    "SOURCES;LINK;VARIANTS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "dodona_add_plugin(${name}): SOURCES are needed; not understood: "
                        "'${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if("${CMAKE_CXX_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-stdlib=libc\\+\\+" AND arg_SHARED_RUNTIME)
    message(FATAL_ERROR "dodona_add_plugin(${name}): SHARED_RUNTIME and the shared libc++ do not go "
                        "together, as hosts have libstdc++; leave SHARED_RUNTIME out, or build "
                        "without -stdlib=libc++")
  endif()
  _dodona_manifest_tool()
  get_property(here GLOBAL PROPERTY DODONA_SDK_CMAKE_DIR)
  set(map ${here}/plugin.map)
  set(output ${PROJECT_BINARY_DIR}/lib/dodona/plugins)
  if(arg_OUTPUT_DIRECTORY)
    set(output ${arg_OUTPUT_DIRECTORY})
  endif()
  set(file ${name})
  if(arg_OUTPUT_NAME)
    set(file ${arg_OUTPUT_NAME})
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE dodona::sdk ${arg_LINK} ${DODONA_PLUGIN_LINK})
  target_link_options(
    ${name} PRIVATE -Wl,--version-script=${map} -Wl,-z,now -Wl,--build-id=sha1)
  # Sanitizers bring a run time that must be one for the process, and that clang resolves late.
  if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
    if(NOT arg_SHARED_RUNTIME)
      target_link_options(${name} PRIVATE -static-libgcc)
      # clang warns of a C++ runtime for C. LINK_LANGUAGE would say it, from CMake 3.18 on.
      list(FILTER arg_SOURCES EXCLUDE REGEX "\\.c$")
      if(arg_SOURCES)
        target_link_options(${name} PRIVATE -static-libstdc++)
      endif()
    endif()
  endif()
  set_target_properties(
    ${name}
    PROPERTIES OUTPUT_NAME ${file}
               PREFIX ""
               SUFFIX .so
               C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               BUILD_WITH_INSTALL_RPATH OFF
               INSTALL_RPATH ""
               INSTALL_RPATH_USE_LINK_PATH ON
               LIBRARY_OUTPUT_DIRECTORY ${output}
               LINK_DEPENDS "${map};$<TARGET_FILE:dodona_manifest>")

  # The host refuses a directory or a library that a group may write to, whatever the umask was.
  set(permissions OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                  WORLD_EXECUTE)
  add_dependencies(${name} dodona_manifest)
  set(variants)
  while(arg_VARIANTS)
    list(GET arg_VARIANTS 0 processor)
    list(GET arg_VARIANTS 1 variant)
    list(REMOVE_AT arg_VARIANTS 0 1)
    list(APPEND variants ${processor} $<TARGET_FILE:${variant}>)
    # The manifest is written when NAME is linked: anew for every build of the variant.
    add_dependencies(${name} ${variant})
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS $<TARGET_FILE:${variant}>)
  endwhile()
  add_custom_command(
    TARGET ${name}
    POST_BUILD
    COMMAND chmod go-w ${output} $<TARGET_FILE:${name}>
    COMMAND dodona_manifest $<TARGET_FILE:${name}> ${output}/${file}.json ${variants}
    BYPRODUCTS ${output}/${file}.json
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY DODONA_PLUGINS ${name})

  if(NOT arg_NO_INSTALL)
    set(destination lib/dodona/plugins) # where hosts look, whatever CMAKE_INSTALL_LIBDIR says
    install(DIRECTORY DESTINATION ${destination} DIRECTORY_PERMISSIONS ${permissions})
    install(TARGETS ${name} LIBRARY DESTINATION ${destination} PERMISSIONS ${permissions})
    install(FILES ${output}/${file}.json DESTINATION ${destination}
            PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  endif()
endfunction()
