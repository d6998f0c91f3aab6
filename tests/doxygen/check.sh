#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The reference of the public headers, in build/doxygen/html; fails on every warning of Doxygen. Exit
# code 77 without Doxygen.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
if ! command -v doxygen >/dev/null; then
  echo "doxygen was not found (Debian: doxygen)"
  exit 77
fi
rm -rf build/doxygen
mkdir -p build
doxygen tests/doxygen/Doxyfile && test -e build/doxygen/html/index.html
