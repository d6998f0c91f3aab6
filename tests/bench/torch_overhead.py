#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin torch_mlp under Dodona beside a bare LibTorch loop of the same network.

    torch_overhead.py --build BUILD [--data DIR] [--rounds N] [--epochs N] [--smoke]

In turns, one thread each: a study of one trial and one bare loop; then a study of two trials at a
time and two bare loops side by side. Prints lines `name,value,unit`: the medians over the rounds of
the CPU time of the study over that of the loop, both less what they take with one epoch less (so
without starting up), of the rate of two trials over that of two loops, and the seconds that loading
the data takes. Build the loop by `cmake --build BUILD --target torch_loop`. Exit code 77: it, the
plugin or the data is not there.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

FIXED = {"layers": 2, "units_0": 256, "units_1": 256, "activation": "relu", "dropout": False,
         "optimizer": "adam", "learning_rate": 0.001, "batch_size": 128}


def cpu_and_wall(commands):
    """CPU and wall-clock seconds of programs side by side, and what they printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for command in commands]
    printed = []
    for child in children:
        out, error = child.communicate()
        if child.returncode != 0:
            sys.exit(f"{child.args}: exit code {child.returncode}\n{out}{error}")
        printed.append(out)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start, printed


class Bench:
    def __init__(self, args, directory):
        self.args, self.directory = args, directory
        self.dodona = os.path.join(args.build, "bin", "dodona")
        self.loop = os.path.join(args.build, "tests", "torch_loop")

    def study(self, epochs, parallel):
        path = os.path.join(self.directory, "study.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump({
                "project_name": "bench", "directory": self.directory, "seed": 1,
                "objective": {"name": "val_accuracy", "direction": "max"},
                "max_trials": parallel, "parallel_trials": parallel, "threads_per_trial": 1,
                "oracle": "random",
                "hypermodel": {"plugin": "torch_mlp",
                               "options": {"data": self.args.data, "epochs": epochs}},
                "space": [{"name": name, "type": "fixed", "value": value}
                          for name, value in FIXED.items()]}, out)
        return cpu_and_wall([[self.dodona, "search", path, "--overwrite"]])

    def loops(self, epochs, parallel):
        return cpu_and_wall([[self.loop, self.args.data, str(epochs), str(seed)]
                             for seed in range(1, parallel + 1)])

    def rounds(self, parallel, at):
        """Of each round, the seconds of the study and of the loops for all epochs but one."""
        pairs = []
        for _ in range(self.args.rounds):
            pair = []
            for run in (self.study, self.loops):
                long, short = run(self.args.epochs, parallel)[at], run(1, parallel)[at]
                pair.append(long - short)
            pairs.append(pair)
        return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--smoke", action="store_true", help="one round of two epochs")
    args = parser.parse_args()
    if args.smoke:
        args.rounds, args.epochs = 1, 2
    with tempfile.TemporaryDirectory(prefix="dodona-") as directory:
        bench = Bench(args, directory)
        for needed in (bench.loop, bench.dodona, args.data,
                       os.path.join(args.build, "lib", "dodona", "plugins", "torch_mlp.so")):
            if not os.path.exists(needed):
                print(f"skipped: {needed} is not there")
                sys.exit(77)
        pairs = bench.rounds(1, 0)
        ratio = statistics.median(study / loop for study, loop in pairs)
        print(f"torch_cpu_study,{statistics.median(pair[0] for pair in pairs):.4g},s")
        print(f"torch_cpu_loop,{statistics.median(pair[1] for pair in pairs):.4g},s")
        print(f"torch_overhead,{(ratio - 1) * 100:.2f},%")
        pairs = bench.rounds(2, 1)
        print(f"torch_two_trials,{statistics.median(loop / study for study, loop in pairs):.3f},"
              "of two loops")
        loads = [float(bench.loops(0, 1)[2][0].split()[0]) for _ in range(args.rounds)]
        print(f"torch_loading,{statistics.median(loads):.3g},s")


if __name__ == "__main__":
    main()
