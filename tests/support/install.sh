#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# For the tests of packages; sourced. Gives `scratch`, a directory that goes away at the end, and
# says which command of the script failed.
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
umask 002 # the careless one: what is installed must be safe all the same
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# install_to PREFIX [CMAKE_OPTION...]
install_to() {
  local prefix=$1
  shift
  cmake --install "$DODONA_BUILD_DIR" --prefix "$prefix" "$@" >"$scratch/install.log" ||
    { cat "$scratch/install.log"; return 1; }
}

# without_file_sets PREFIX: the installed packages as a CMake before 3.23 reads them.
without_file_sets() {
  local file
  for file in "$1"/lib/cmake/*/*-targets.cmake; do
    grep -q FILE_SET "$file"
    sed -i '/^if(NOT CMAKE_VERSION VERSION_LESS "3.23.0")/,/^endif()/d' "$file"
    test "$(grep -c FILE_SET "$file")" -eq 0
  done
}

# refused VERSION PACKAGE PREFIX: find_package(PACKAGE VERSION) does not take what is in PREFIX.
refused() {
  mkdir -p "$scratch/refused"
  printf '%s\n' "cmake_minimum_required(VERSION 3.16)" "project(refused LANGUAGES C CXX)" \
    "find_package($2 $1 QUIET)" "if($2_FOUND)" "message(FATAL_ERROR \"$2 $1 was found\")" "endif()" \
    >"$scratch/refused/CMakeLists.txt"
  cmake -S "$scratch/refused" -B "$scratch/refused/build" -G Ninja -DCMAKE_PREFIX_PATH="$3" \
    -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF >/dev/null
}

# build_sample NAME PREFIX [CMAKE_OPTION...]: configures and builds a copy of samples/NAME against
# what lies in PREFIX alone, with warnings as errors, in $scratch/NAME-build.
build_sample() {
  rm -rf "${scratch:?}/$1"
  cp -r "$DODONA_SOURCE_DIR/samples/$1" "$scratch/$1"
  cmake -S "$scratch/$1" -B "$scratch/$1-build" -G Ninja -DCMAKE_PREFIX_PATH="$2" \
    -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror" "${@:3}"
  cmake --build "$scratch/$1-build" -j1
}
