#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh STUDY_ID RUNNER: a runner in a pod of its own, whose standard input and output are this
# script's. The pod goes away with its end. IMAGE is a container image with Dodona and the trial's
# program in it.
set -eu
exec kubectl run "dodona-$(printf %.12s "$1")-$$-$(date +%s)" --image="$IMAGE" \
  --labels="app=dodona,study=$1" --restart=Never --rm --stdin --quiet \
  --overrides="$(cat "$(dirname "$0")/pod.json")" --override-type=strategic --command -- "$2"
