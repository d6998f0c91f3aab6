#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# compress.sh LEVEL FILE: prints the size to which gzip compresses the file, in words for people.
set -eu
size=$(gzip -c "-$1" "$2" | wc -c)
echo "compressed $2 to $size bytes at level $1"
