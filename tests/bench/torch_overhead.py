#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin torch_mlp under Dodona beside a bare LibTorch loop of the same network.

    torch_overhead.py --build BUILD [--data DIR] [--rounds N] [--epochs N] [--smoke]

A study of one trial and one bare loop, one thread each, share a processor, so that the kernel
interleaves them every few milliseconds and both meet the same caches, clock rate and neighbours: run
one after the other on a busy machine, pairs differ by 20 %, and so by less than 2 %. Then a study
of two trials at a time and two bare loops side by side, in turns, on all processors, which only
means something on an idle machine. Prints lines `name,value,unit`: the medians over the rounds of the
CPU time of the study over that of the loop, both less what they take with one epoch (so without
starting up), of the rate of two trials over that of two loops, and the seconds that loading the
data takes. Build the loop by `cmake --build BUILD --target torch_loop`. Exit code 77: it, the
plugin or the data is not there.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

FIXED = {"layers": 2, "units_0": 256, "units_1": 256, "activation": "relu", "dropout": False,
         "optimizer": "adam", "batch_size": 128}
# Two values that cost the same, as no oracle proposes a point twice.
SPACE = [{"name": name, "type": "fixed", "value": value} for name, value in FIXED.items()]
SPACE.append({"name": "learning_rate", "type": "choice", "values": [0.001, 0.00101]})


def run(commands, processors=None):
    """Of programs side by side on these processors: CPU seconds of each, wall-clock seconds of all,
    and what each printed."""
    start, children = time.perf_counter(), []
    for command in commands:
        out = tempfile.TemporaryFile("w+", encoding="utf-8")
        pin = (lambda: os.sched_setaffinity(0, processors)) if processors else None
        children.append((subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=pin), out))
    cpu, printed = [], []
    for child, out in children:
        # Waits for it as Popen would, which does not tell of one child alone.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cpu.append(usage.ru_utime + usage.ru_stime)
        with out:
            out.seek(0)
            printed.append(out.read())
        if child.returncode != 0:
            sys.exit(f"{child.args}: exit code {child.returncode}\n{printed[-1]}")
    return cpu, time.perf_counter() - start, printed


class Bench:
    def __init__(self, args, directory):
        self.args, self.directory = args, directory
        self.dodona = os.path.join(args.build, "bin", "dodona")
        self.loop_path = os.path.join(args.build, "tests", "torch_loop")

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
                "space": SPACE}, out)
        return [self.dodona, "search", path, "--overwrite"]

    def loop(self, epochs, seed):
        return [self.loop_path, self.args.data, str(epochs), str(seed)]

    def cpu_pairs(self):
        """Of each round, the CPU seconds of the study and of the loop for all epochs but one."""
        processor = {max(os.sched_getaffinity(0))}
        pairs = []
        for _ in range(self.args.rounds):
            long, short = (run([self.study(epochs, 1), self.loop(epochs, 1)], processor)[0]
                           for epochs in (self.args.epochs, 1))
            pairs.append((long[0] - short[0], long[1] - short[1]))
        return pairs

    def wall_pairs(self):
        """The same of the wall-clock seconds of two trials and of two loops."""
        pairs = []
        for _ in range(self.args.rounds):
            pair = []
            for commands in (lambda epochs: [self.study(epochs, 2)],
                             lambda epochs: [self.loop(epochs, seed) for seed in (1, 2)]):
                pair.append(run(commands(self.args.epochs))[1] - run(commands(1))[1])
            pairs.append(pair)
            trials = json.loads(subprocess.check_output(
                [self.dodona, "trials", os.path.join(self.directory, "bench"), "--json"]))["trials"]
            if len(trials) != 2:
                sys.exit(f"the study of two trials ran {len(trials)}")
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
        for needed in (bench.loop_path, bench.dodona, args.data,
                       os.path.join(args.build, "lib", "dodona", "plugins", "torch_mlp.so")):
            if not os.path.exists(needed):
                print(f"skipped: {needed} is not there")
                sys.exit(77)
        pairs = bench.cpu_pairs()
        ratio = statistics.median(study / loop for study, loop in pairs)
        print(f"torch_cpu_study,{statistics.median(pair[0] for pair in pairs):.4g},s")
        print(f"torch_cpu_loop,{statistics.median(pair[1] for pair in pairs):.4g},s")
        print(f"torch_overhead,{(ratio - 1) * 100:.2f},%")
        pairs = bench.wall_pairs()
        print(f"torch_two_trials,{statistics.median(loop / study for study, loop in pairs):.3f},"
              "of two loops")
        loads = [float(run([bench.loop(0, 1)])[2][0].split()[0]) for _ in range(args.rounds)]
        print(f"torch_loading,{statistics.median(loads):.3g},s")


if __name__ == "__main__":
    main()
