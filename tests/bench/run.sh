#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

if [ "${1:-}" = "--help" ]; then
  cat <<'HELP'
tests/bench/run.sh [BUILD [CSV]]

Runs every benchmark of a build in developer mode (default: build/dev) and writes one CSV (default:
tests/bench/results/COMMIT.csv) with a line per figure: commit,machine,name,value,unit. Takes about
fifteen minutes on an idle machine; on a busy one the rates mean little, so the load before and after
is among the figures. The disk that is measured is that of the build folder. What LibTorch needs is
left out where it, its plugin torch_mlp or the data is not there.
HELP
  exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$(realpath "${1:-build/dev}")
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
csv=${2:-tests/bench/results/$commit.csv}
machine="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1 | tr -d ,) x $(nproc)"
here=tests/bench

mkdir -p "$(dirname "$csv")"
scratch=$(mktemp -d "$build/bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

echo commit,machine,name,value,unit >"$csv"
# Lines name,value,unit, into the file and to the terminal.
record() {
  while IFS= read -r line; do
    echo "$line"
    echo "$commit,$machine,$line" >>"$csv"
  done
}
load() { echo "$1,$(cut -d' ' -f1 /proc/loadavg),processes"; }

load load_before | record

# Time and rate of each Google Benchmark, as its JSON has them.
for name in cycle parts; do
  (cd "$scratch" && "$build/tests/bench_$name" --benchmark_out="$name.json" \
    --benchmark_out_format=json >/dev/null)
  python3 -B - "$scratch/$name.json" <<'PY' | record
import json, sys
for row in json.load(open(sys.argv[1]))["benchmarks"]:
    print(f"{row['name']},{row['items_per_second']:.6g},trials/s")
PY
done

"$here/peer.py" --build "$build" --directory "$scratch" | record

"$here/workers.py" --directory "$scratch" >"$scratch/lines" || [ $? -eq 77 ]
sed '/^skipped/d' "$scratch/lines" | record
"$here/runners.py" --build "$build" --directory "$scratch" | record

# A million trials: memory while they run, then opening what they left.
# million PREFIX STORE PARALLEL
million() {
  "$build/tests/cycle_run" "$2" 1000000 "$3" "$scratch" >"$scratch/line.json"
  python3 -B - "$scratch/line.json" "$1" <<'PY' | record
import json, sys
line, prefix = json.load(open(sys.argv[1])), sys.argv[2]
if line["opened"] == line["trials"]:
    print(f"{prefix}_open,{line['open_seconds'] + line['search_seconds']:.4g},s")
    print(f"{prefix}_open_fold,{line['open_seconds']:.4g},s")
    print(f"{prefix}_open_oracle,{line['search_seconds']:.4g},s")
else:
    print(f"{prefix}_rate,{line['trials_per_second']:.6g},trials/s")
print(f"{prefix}_peak_rss,{line['peak_rss_mib']:.4g},MiB")
PY
}
million million_in_memory memory 1
million million_on_sqlite sqlite 64
echo "million_on_sqlite_file,$(stat -c %s "$scratch/cycle/study.db"),bytes" | record
million million_reopened sqlite 1

# The cost of a trial of the hypermodel `command` over its program, also in a large process.
for mib in 0 1024; do
  (cd "$scratch" && "$build/tests/command_run" 200 "$mib") >"$scratch/line.json"
  python3 -B - "$scratch/line.json" <<'PY' | record
import json, sys
line = json.load(open(sys.argv[1]))
for key in ("bare_ms", "trial_ms", "overhead_ms"):
    print(f"command_{line['resident_mib']}_mib_{key.removesuffix('_ms')},{line[key]:.4g},ms")
PY
done

# The cost of a training over a bare loop of LibTorch.
if [ -e "$build/lib/dodona/plugins/torch_mlp.so" ]; then
  cmake --build "$build" --target torch_loop >/dev/null
fi
"$here/torch_overhead.py" --build "$build" --epochs 3 >"$scratch/lines" || [ $? -eq 77 ]
sed '/^skipped/d' "$scratch/lines" | record

python3 -B - "$build/bin/dodona" <<'PY' | record
import statistics, subprocess, sys, time
times = []
for _ in range(50):
    start = time.perf_counter()
    subprocess.run([sys.argv[1], "--version"], stdout=subprocess.DEVNULL, check=True)
    times.append(time.perf_counter() - start)
print(f"version_start,{statistics.median(times) * 1000:.3g},ms")
PY

load load_after | record
echo "written to $csv"
