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

# build_sample NAME PREFIX: configures and builds a copy of samples/NAME against what lies in PREFIX
# alone, with warnings as errors, in $scratch/NAME-build.
build_sample() {
  cp -r "$DODONA_SOURCE_DIR/samples/$1" "$scratch/$1"
  cmake -S "$scratch/$1" -B "$scratch/$1-build" -G Ninja -DCMAKE_PREFIX_PATH="$2" \
    -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror"
  cmake --build "$scratch/$1-build" -j1
}
