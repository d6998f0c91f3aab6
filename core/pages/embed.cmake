# SPDX-License-Identifier: Apache-2.0
#
# cmake -D OUTPUT=FILE -D "FILES=NAME=PATH;..." -P embed.cmake: a source that holds the texts of files,
# by their names.
set(source "// Made by core/pages/embed.cmake.\n#include \"pages/assets.hpp\"\n\n")
string(APPEND source "#include <iterator>\n\nnamespace dodona::pages {\nnamespace {\n\n")
string(APPEND source "const Asset kAssets[] = {\n")
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${pair}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" text)
  string(FIND "${text}" ")dodona\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${CMAKE_MATCH_2} holds the end of a raw string, )dodona\"")
  endif()
  string(APPEND source "    {\"${name}\", R\"dodona(${text})dodona\"},\n")
endforeach()
string(APPEND source "};\n\n}  // namespace\n\nstd::span<const Asset> assets() { return kAssets; }\n\n")
string(APPEND source "}  // namespace dodona::pages\n")
file(WRITE "${OUTPUT}" "${source}")
