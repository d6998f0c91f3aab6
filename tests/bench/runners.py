#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What runners cost and how busy they are kept: local ones, and those that a real Slurm starts.

    runners.py --build BUILD [--workers N] [--rounds N] [--only NAME...] [--smoke]

Prints lines `name,value,unit`. Trials are those of the tests' toy, which waits as long as it is told.

isolation   p50 of what a trial and a report take longer in a warm pool than inline, in turns
start       the first trial of a search with one runner, over inline; the memory of a runner
busy        the share of the time in which the workers of a pool slept in trials: `tpe` at 100 ms, and
            `bayesian` at 500 ms from its 500th finished trial on
slurm       N runners on 8 nodes: until all of them work; then a node vanishes: until its trials are
            given back, and until they run again
"""
import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "machines"))

import sandbox  # noqa: E402

SILENCE_SECONDS = 8
NODES = 8


class Bench:
    def __init__(self, given, directory):
        self.build, self.directory = os.path.abspath(given.build), directory
        self.workers, self.rounds = (4, 1) if given.smoke else (given.workers, given.rounds)
        self.each, self.skipped = (3, 4) if given.smoke else (20, 500)  # trials of a busy pool
        self.environment = {**os.environ,
                            "DODONA_PLUGIN_PATH": os.path.join(self.build, "tests", "plugins")}
        self.count = 0

    def start(self, trials, options, **keys):
        """Starts a search in a directory of its own; answers the process and its project."""
        self.count += 1
        project = os.path.join(self.directory, str(self.count))
        study = project + ".json"
        document = {"project_name": str(self.count), "directory": self.directory, "seed": 7,
                    "objective": {"name": "loss", "direction": "min"}, "max_trials": trials,
                    "oracle": "random", "hypermodel": {"plugin": "toy", "options": options},
                    "sinks": ["jsonl"], **keys}
        with open(study, "w", encoding="utf-8") as file:
            json.dump(document, file)
        child = subprocess.Popen([os.path.join(self.build, "bin", "dodona"), "search", "-q", study],
                                 env=self.environment, stdout=subprocess.DEVNULL)
        return child, project

    def run(self, trials, options, **keys):
        """The events of a search that ended."""
        child, project = self.start(trials, options, **keys)
        if child.wait() != 0:
            raise RuntimeError(f"the search ended with {child.returncode}")
        return events(project)

    # ---- what isolation costs --------------------------------------------------------------------

    def isolation(self):
        cost = {"trial": [], "report": []}
        for _ in range(self.rounds):
            seconds = {isolation: self.seconds(isolation) for isolation in ("inline", "process")}
            for what in cost:
                cost[what].append(seconds["process"][what] - seconds["inline"][what])
        yield "isolation_trial", 1e3 * statistics.median(cost["trial"]), "ms"
        yield "isolation_report", 1e6 * statistics.median(cost["report"]), "us"

    def seconds(self, isolation):
        """p50 of a trial's time from its start to the next one's, and of a report's."""
        log = self.run(200, {"steps": 1}, isolation=isolation)
        starts = [event["time"] for event in log if event["type"] == "started"][20:]
        log = self.run(2, {"steps": 5000}, isolation=isolation)
        reports = [event["time"] for event in log if event["type"] == "reported"]
        return {"trial": p50_of_gaps(starts), "report": p50_of_gaps(reports)}

    def first_start(self):
        spans = {isolation: [] for isolation in ("inline", "process")}
        for _ in range(self.rounds):
            for isolation, span in spans.items():
                start = time.monotonic()
                self.run(1, {"steps": 1}, isolation=isolation)
                span.append(time.monotonic() - start)
        yield ("first_runner", 1e3 * (statistics.median(spans["process"])
                                      - statistics.median(spans["inline"])), "ms")
        child, project = self.start(4, {"steps": 1, "seconds": 3}, isolation="process",
                                    parallel_trials=4)
        sandbox.until(lambda: started(project) == 4, "four trials")
        pids = [pid for pid in sandbox.processes() if sandbox.name_of(pid) == "dodona-runner"]
        yield "runner_memory", statistics.mean(map(pss_mib, pids)), "MiB"
        child.wait()

    # ---- how busy a pool is ----------------------------------------------------------------------

    def busy(self):
        for oracle, seconds, skipped in (("tpe", 0.1, 0), ("bayesian", 0.5, self.skipped)):
            log = self.run(skipped + self.each * self.workers, {"steps": 1, "seconds": seconds},
                           oracle=oracle, parallel_trials=self.workers, isolation="process")
            yield f"busy_{oracle}_{self.workers}", 100 * share(log, seconds, skipped, self.workers), "%"
            finished = [event["time"] for event in log if event["type"] == "finished"]
            rate = len(finished[skipped:]) / (finished[-1] - finished[skipped])
            yield f"rate_{oracle}_{self.workers}", rate, "trials/s"

    # ---- Slurm -----------------------------------------------------------------------------------

    def slurm(self):
        import hosts
        import slurm
        names = [f"n{number + 1}" for number in range(NODES)]
        each = -(-self.workers // (NODES - 1))  # one node can be lost
        with hosts.Hosts(*names) as network, \
                slurm.Cluster(nodes=NODES, cpus=each, network=network) as cluster:
            self.environment["SLURM_CONF"] = cluster.environment["SLURM_CONF"]
            begin = time.time()
            child, project = self.start(
                1_000_000, {"steps": 1_000_000, "seconds": 0.1, "deep": True},
                parallel_trials=self.workers, checkpoint={"seconds": 1},
                runner={"launch": ["srun", "-n1", "--job-name=dodona-{study}", "{runner}"],
                        "silence_seconds": SILENCE_SECONDS})
            sandbox.until(lambda: started(project) >= self.workers, "all runners at work", 60)
            starts = [event["time"] for event in events(project) if event["type"] == "started"]
            yield f"slurm_{self.workers}_at_work", max(starts[:self.workers]) - begin, "s"
            yield from self.lose_a_node(cluster, project, names[0])
            child.terminate()
            child.wait()

    def lose_a_node(self, cluster, project, node):
        cut = time.time()
        cluster.kill_node(node)
        sandbox.until(lambda: kind(project, "lost"), "a loss", 60)
        time.sleep(3)
        losses = kind(project, "lost")
        yield "slurm_losses", len(losses), "trials"
        yield "slurm_noticed", losses[-1]["time"] - cut, "s"
        again = [next(event["time"] for event in kind(project, "started")
                      if event["trial"] == loss["trial"] and event["sequence"] > loss["sequence"])
                 - loss["time"] for loss in losses]
        yield "slurm_again", max(again), "s"


def events(project):
    """The complete lines of the log so far, with times in seconds."""
    with open(os.path.join(project, "events.jsonl"), encoding="utf-8") as file:
        text = file.read()
    found = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
    for event in found:
        whole, fraction = event["time"].rstrip("Z").split(".")
        moment = datetime.datetime.fromisoformat(whole + "+00:00")
        event["time"] = moment.timestamp() + float("0." + fraction)
    return found


def kind(project, name):
    if not os.path.exists(os.path.join(project, "events.jsonl")):
        return []
    return [event for event in events(project) if event["type"] == name]


def started(project):
    return len(kind(project, "started"))


def p50_of_gaps(moments):
    return statistics.median(b - a for a, b in zip(moments, moments[1:]))


def share(log, seconds, skipped, workers):
    """The share of the workers' time that trials slept, from a count of finished trials on.

    It begins when all workers had started one, and ends when the last trial was proposed.
    """
    starts = [event["time"] for event in log if event["type"] == "started"]
    finished = [event["time"] for event in log if event["type"] == "finished"]
    begin = finished[skipped - 1] if skipped else starts[workers - 1]
    end = max(event["time"] for event in log if event["type"] == "proposed")
    slept = sum(max(0, min(end, event["time"] + seconds) - max(begin, event["time"]))
                for event in log if event["type"] == "started")
    return slept / (workers * (end - begin))


def pss_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=("isolation", "start", "busy", "slurm"))
    parser.add_argument("--smoke", action="store_true", help="4 workers, to see that it works")
    parser.add_argument("--directory", help="on the disk to be measured; default: BUILD")
    given = parser.parse_args()
    sandbox.enter()
    with tempfile.TemporaryDirectory(dir=given.directory or given.build) as scratch:
        bench = Bench(given, scratch)
        parts = {"isolation": bench.isolation, "start": bench.first_start, "busy": bench.busy,
                 "slurm": bench.slurm}
        for name, part in parts.items():
            if given.only and name not in given.only:
                continue
            try:
                for line, value, unit in part():
                    print(f"{line},{value:.4g},{unit}", flush=True)
            except unittest.SkipTest as reason:
                print(f"{name} is left out: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
