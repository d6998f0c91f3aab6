#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check.sh SOURCE COMPILER FLAG...: SOURCE compiles with CONTROL defined, and without it fails with
# the text of its `// Diagnostic:` line. `// Without: __clang__` skips it (77) for a compiler that
# defines that name and has no such warning. `// Flags: FLAG...` are for the run that fails, and
# `// Errors: N` counts the errors that are said.
set -u
LC_ALL=C
export LC_ALL
source=$1
shift
wanted=$(sed -n 's|^// Diagnostic: ||p' "$source")
compiler=$(sed -n 's|^// Without: ||p' "$source")
flags=$(sed -n 's|^// Flags: ||p' "$source")
errors=$(sed -n 's|^// Errors: ||p' "$source")
[ -n "$wanted" ] || { echo "$source has no line // Diagnostic: TEXT"; exit 1; }

if [ -n "$compiler" ] && echo "$compiler" | "$@" -E -P -xc++ - | grep -q '^1$'; then
  echo "this compiler has no such warning"
  exit 77
fi
if ! output=$("$@" -fsyntax-only -DCONTROL "$source" 2>&1); then
  echo "the control does not compile:"
  echo "$output"
  exit 1
fi
# shellcheck disable=SC2086
if output=$("$@" -fsyntax-only $flags "$source" 2>&1); then
  echo "it compiles, and must not"
  exit 1
fi
case $output in
*"$wanted"*) ;;
*)
  echo "it fails, but does not say: $wanted"
  echo "$output"
  exit 1
  ;;
esac
if [ -n "$errors" ] && [ "$(echo "$output" | grep -c 'error:')" -ne "$errors" ]; then
  echo "it says another number of errors than $errors:"
  echo "$output"
  exit 1
fi
