#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A trial of the quickstart while other processes use the processors.

    torch_load.py --build BUILD [--data DIR] [--busy K] [--pairs N] [--epochs N] [--smoke]

A pair is the same trial alone and beside K busy processes (default: as many as processors), in turns
first; both less what they take to start. So many processes on the processors would share them evenly
if a trial took (K + processors) / processors times its time alone; it may take 1.3 times that. Prints
lines `name,value,unit`: the median over the pairs with the default number of threads, then with one,
and the most that either may be. Only means something on an idle machine, without limits of the
processors. Exit code 1: a median is above; 77: the plugin or the data is not there.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples",
                      "quickstart.json")
MARGIN = 1.3
BUSY = "while True: pass"


class Bench:
    def __init__(self, args, directory):
        self.args, self.directory = args, directory
        self.dodona = os.path.join(args.build, "bin", "dodona")

    def seconds(self, epochs, threads):
        """Wall-clock seconds of a study of one trial. threads: None is the default."""
        sets = {"directory": self.directory, "max_trials": 1, "parallel_trials": 1,
                "max_steps": epochs, "sinks": [], "hypermodel.options.data": self.args.data}
        if threads is not None:
            sets["threads_per_trial"] = threads
        command = [self.dodona, "search", SAMPLE, "--overwrite", "--quiet"]
        for key, value in sets.items():
            command += ["--set", f"{key}={json.dumps(value)}"]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    def training(self, threads, busy):
        """The seconds of all epochs but the first, beside so many busy processes."""
        others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(busy)]
        try:
            return self.seconds(self.args.epochs, threads) - self.seconds(1, threads)
        finally:
            for other in others:
                other.kill()
                other.wait()

    def ratio(self, threads):
        """The median of the pairs, each in the other order than the one before."""
        ratios = []
        for pair in range(self.args.pairs):
            order = [0, self.args.busy] if pair % 2 == 0 else [self.args.busy, 0]
            took = {busy: self.training(threads, busy) for busy in order}
            ratios.append(took[self.args.busy] / took[0])
        return statistics.median(ratios)


def main():
    processors = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--busy", type=int, default=processors)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--smoke", action="store_true", help="one pair of two epochs, of any result")
    args = parser.parse_args()
    if args.smoke:
        args.pairs, args.epochs = 1, 2
    if args.busy < 1 or args.pairs < 1 or args.epochs < 2:
        parser.error("--busy and --pairs are at least 1, --epochs at least 2")
    with tempfile.TemporaryDirectory(prefix="dodona-") as directory:
        bench = Bench(args, directory)
        for needed in (bench.dodona, args.data,
                       os.path.join(args.build, "lib", "dodona", "plugins", "torch_mlp.so")):
            if not os.path.exists(needed):
                print(f"skipped: {needed} is not there")
                sys.exit(77)
        most = MARGIN * (args.busy + processors) / processors
        ratios = {"default": bench.ratio(None), "one": bench.ratio(1)}
    for threads, ratio in ratios.items():
        print(f"torch_load_{threads}_thread{'s' * (threads != 'one')},{ratio:.3f},times alone")
    print(f"torch_load_most,{most:.3f},times alone")
    if not args.smoke and max(ratios.values()) > most:
        sys.exit(1)


if __name__ == "__main__":
    main()
