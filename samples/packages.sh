#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The Debian 12 packages that the project needs, and how to install those that are missing; sourced
# by samples/quickstart.sh, tests/run.sh and .ci/run. It lies with the samples because what one
# needs to build is what a user looks for; each later list only adds to an earlier one.
# shellcheck disable=SC2034 # others use the lists

# To build and to run the quickstart. Boost is named by version: libboost-dev is 1.74, without JSON.
# OpenBLAS with OpenMP, as LibTorch's default BLAS is ten times slower and the pthread variant slows
# parallel trials down.
build_packages=(
  cmake g++ libboost-filesystem1.81-dev libboost-json1.81-dev libboost1.81-dev libcli11-dev
  libeigen3-dev libopenblas0-openmp libspdlog-dev libsqlite3-dev libtbb-dev libtorch-dev
  libxgboost-dev ninja-build zlib1g-dev dataset-fashion-mnist
)
# To test: clang reads the C contract too, protoc what the sink tensorboard writes, Optuna, dlib and
# NLopt are the benchmarks' peers, PyTorch what a sample trains with, strace counts the benchmarks'
# syncs.
test_packages=(
  clang libbenchmark-dev libdlib-dev libgtest-dev libnlopt-dev protobuf-compiler python3
  python3-optuna python3-torch strace
)
# For .ci/run: formatting, static analysis, the run time of libFuzzer, and faster rebuilds.
ci_packages=(ccache clang-format clang-tidy git libclang-rt-14-dev mold shellcheck)

# need_packages PACKAGE...: installs what is missing of them, and only asks the network if anything
# is. Without apt-get it says what is needed and goes on: the tools may be there in another way.
need_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    printf 'This is not Debian 12: nothing is installed. Needed are the equivalents of\n  %s\n' "$*" >&2
    return 0
  fi
  local package missing=()
  for package in "$@"; do
    if [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'Packages are missing, and only root can install them (there is no sudo). As root:\n  apt-get install %s\n' \
        "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update ||
    ! "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" >/dev/null; then
    printf 'apt-get could not install these packages; on another release than Debian 12 their names differ:\n  %s\n' \
      "${missing[*]}" >&2
    return 1
  fi
}
