#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# exports.sh LIBRARY PATTERN: succeeds if LIBRARY defines a dynamic symbol, and if the demangled
# names of all of them match PATTERN, an extended regular expression.
set -eu
symbols=$(nm --dynamic --defined-only --demangle "$1" | sed 's/^[0-9a-f]* [A-Za-z] //; s/\[abi:cxx11\]//')
if [ -z "$symbols" ]; then
  echo "$1 exports nothing" >&2
  exit 1
fi
if others=$(echo "$symbols" | grep -Ev "$2"); then
  echo "$1 exports what does not match $2:" >&2
  echo "$others" >&2
  exit 1
fi
echo "$symbols" | wc -l
