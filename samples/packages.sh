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
  libxgboost-dev ninja-build node-d3 zlib1g-dev dataset-fashion-mnist
)
# To test: clang and abidiff read the C contract too, protoc what the sink tensorboard writes, Optuna
# (also on PostgreSQL), dlib and NLopt are the benchmarks' peers, Optuna and Prometheus' parser read
# what sinks write, PyTorch is what a sample trains with, strace counts the benchmarks' syncs; zsh and
# fish complete commands; Chromium opens reports; tests/machines runs Slurm, OpenSSH and OpenMPI on
# hosts that iproute2 makes; with ccache and mold it is built sooner.
test_packages=(
  abigail-tools ccache chromium chromium-driver clang fish iproute2 libbenchmark-dev libdlib-dev
  libgtest-dev libnlopt-dev mold munge openmpi-bin openssh-server postgresql protobuf-compiler
  python3 python3-optuna python3-prometheus-client python3-psycopg2 python3-torch slurm-client
  slurmctld slurmd strace zsh
)
# For .ci/run: formatting, static analysis, the reference of headers, the run time of libFuzzer.
ci_packages=(clang-format clang-tidy doxygen git libclang-rt-14-dev shellcheck)

# Where packages are unpacked that cannot be installed beside others; CMakeLists.txt looks there.
unpacked=build/packages

# need_packages PACKAGE...: installs what is missing of them, and only asks the network if anything
# is. Nothing is ever removed, and no service is started, now or when the machine starts anew. Called
# from the top of the project. Without apt-get it says what is needed and goes on: the tools may be
# there in another way.
need_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    printf 'This is not Debian 12: nothing is installed. Needed are the equivalents of\n  %s\n' "$*" >&2
    return 0
  fi
  local package missing=()
  for package in "$@"; do
    if [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ] &&
      [ ! -e "$unpacked/$package" ]; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'Packages are missing, and only root can install them (there is no sudo). As root:\n  apt-get install --no-remove %s\n' \
        "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update || return 1
  if [ -n "$(would_remove "${missing[@]}")" ]; then
    unpack_boost || return 1
  fi
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  if ! without_services "${apt[@]}" install --yes --no-remove --no-install-recommends "${missing[@]}" >/dev/null; then
    printf 'apt-get could not install these packages; on another release than Debian 12 their names differ:\n  %s\n' \
      "${missing[*]}" >&2
    return 1
  fi
}

# The program that Debian asks before a package starts a service, and the folder of the services.
service_policy=/usr/sbin/policy-rc.d
service_folder=/etc/init.d

# without_services COMMAND...: runs it with `as_root`; no service that it installs starts, and each is
# switched off. A policy that the machine has stays in force instead. Fails as the command does.
without_services() (
  if [ ! -e "$service_policy" ]; then
    trap '"${as_root[@]}" rm -f "$service_policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$service_policy" >/dev/null || return 1
    "${as_root[@]}" chmod 755 "$service_policy" || return 1
  fi
  before=$(services)
  "$@" || return 1
  for service in $(comm -13 <(echo "$before") <(services)); do
    "${as_root[@]}" update-rc.d "$service" disable || return 1
  done
)
services() { find "$service_folder" -mindepth 1 -printf '%f\n' 2>/dev/null | sort; }

# would_remove PACKAGE...: the packages that apt-get would remove to install these.
would_remove() {
  apt-get --simulate --no-install-recommends install "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p'
}

# unpack_boost: the headers of Boost 1.81 cannot be installed beside those of another version, such as
# Debian's own 1.74. Of `missing` it unpacks them, and replaces them by the libraries behind them,
# which can be. Fails, with what to do, if other packages would have to be removed as well.
unpack_boost() {
  local package boost=() others=() needed
  for package in "${missing[@]}"; do
    case $package in
      libboost*1.81-dev) boost+=("$package") ;;
      *) others+=("$package") ;;
    esac
  done
  needed=$([ ${#boost[@]} -eq 0 ] || boost_behind "${boost[@]}")
  mapfile -t -O ${#others[@]} others < <(grep -v -e '-dev$' <<<"$needed")
  local removed
  removed=$(would_remove "${others[@]}")
  if [ -n "$removed" ]; then
    printf 'Nothing was installed: to install\n  %s\napt-get would remove\n  %s\nRemove these yourself, if nothing needs them, and call again:\n  apt-get remove %s\n' \
      "${others[*]}" "${removed//$'\n'/ }" "${removed//$'\n'/ }" >&2
    return 1
  fi
  echo "Unpacking ${boost[*]} in $unpacked: installed, they would remove $(would_remove "${boost[@]}" | tr '\n' ' ')"
  mkdir -p "$unpacked/archives" || return 1
  # shellcheck disable=SC2086 # one word a package
  (cd "$unpacked/archives" && apt-get -qq -o APT::Sandbox::User=root download $needed) || return 1
  for package in "$unpacked"/archives/*.deb; do
    dpkg-deb -x "$package" "$unpacked" || return 1
  done
  rm -r "$unpacked/archives"
  touch "${boost[@]/#/$unpacked/}"
  missing=("${others[@]}")
}

# boost_behind PACKAGE...: these and what they need of Boost, one a line.
boost_behind() {
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "$@" | sed -n 's/^\(libboost[a-z-]*1\.81[^:]*\)$/\1/p' | sort -u
}
