#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

if [ "${1:-}" = "--help" ]; then
  cat <<'HELP'
samples/quickstart.sh [OPTION...]

Tunes a small neural network on Fashion-MNIST, from nothing: installs the Debian 12 packages that
are missing (as root, or with sudo), builds the program and three plugins in build/release, and runs

  build/release/bin/dodona search samples/quickstart.json OPTION...

from the top of the project. Called again after an interrupt it goes on where it stopped;
--overwrite starts anew. All that the search writes lies below runs/.

Debian's OpenBLAS does not know processors newer than itself and then computes as on one of 2004; -v
shows it by the word Prescott. There OPENBLAS_CORETYPE=Haswell, or SkylakeX where there is AVX-512,
makes training nearly twice as fast:

  OPENBLAS_CORETYPE=Haswell samples/quickstart.sh
HELP
  exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=samples/packages.sh
source samples/packages.sh

need_packages "${build_packages[@]}"
cmake --preset release -Wno-dev
cmake --build --preset release --target dodona_program random torch_mlp jsonl
exec build/release/bin/dodona search samples/quickstart.json "$@"
