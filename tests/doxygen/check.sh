#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The reference of the public headers, in build/doxygen/html. Fails on every warning of Doxygen, but
# for members whose name and type say all: data, constants, and functions of the C++ layer. Classes,
# and functions of the facade, are documented. Exit code 77 without Doxygen.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
if ! command -v doxygen >/dev/null; then
  echo "doxygen was not found (Debian: doxygen)"
  exit 77
fi
rm -rf build/doxygen
mkdir -p build/doxygen
doxygen tests/doxygen/Doxyfile && test -e build/doxygen/html/index.html || exit 1
if grep -vE ': warning: Member .* is not documented\.$' build/doxygen/warnings ||
  grep -E '/core/include/.*\(function\).* is not documented\.$' build/doxygen/warnings; then
  exit 1
fi
