#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

if [ "${1:-}" = "--help" ]; then
  cat <<'HELP'
tests/run.sh [CTEST_OPTION...]

Installs the Debian 12 packages that are missing (as root, or with sudo; their services stay off),
builds everything in build/dev, optimised and with warnings as errors, and runs all tests. Options go
to ctest:

  tests/run.sh -L unit          one kind: tidy, unit, abi, e2e, browser, machines, install, fuzz or bench
  tests/run.sh -R 'space/'      by name

Exit code 0 if everything passed. A skipped test is counted and says why.
HELP
  exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=samples/packages.sh
source samples/packages.sh

need_packages "${build_packages[@]}" "${test_packages[@]}"
python3 -B tests/tidy/tidy.py # at once, before a long build
export CCACHE_NOHASHDIR=1 # one of the tests builds the library again, in another folder
cmake --preset dev -Wno-dev
cmake --build --preset dev
ctest --preset dev -j2 "$@"
