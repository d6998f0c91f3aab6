#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# compress.sh LEVEL FILE: how small gzip makes the file, in words that no machine was thought of.
set -eu
size=$(gzip -c "-$1" "$2" | wc -c)
echo "compressed $2 to $size bytes at level $1"
