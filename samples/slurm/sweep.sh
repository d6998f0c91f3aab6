#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Cancels what an owner left in the queue when its machine crashed: waiting and running jobs of its
# runners. Runners that run end by themselves, after `silence_seconds`; those that wait do not.
#
#   samples/slurm/sweep.sh STUDY_ID     the jobs of one study; `squeue --me` shows the names
#   samples/slurm/sweep.sh --all        of all your studies, so stop their owners first
set -eu
case ${1:-} in
  --all) squeue --me --noheader --format '%i %j' | sed -n 's/^\([^ ]*\) dodona-[0-9a-f]*$/\1/p' ;;
  '' | -*) sed -n 's/^# \{0,1\}//; 3,9p' "$0" >&2; exit 2 ;;
  *) squeue --me --noheader --format '%i' --name "dodona-$1" ;;
esac | xargs --no-run-if-empty scancel
