#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Dodona beside Debian's python3-optuna, in one run and one directory.

    peer.py --build BUILD [--directory DIR] [--rounds N] [--smoke]

Both run the same trial (10 floats drawn at random, one report) on SQLite and in memory, in turns; the
clock runs for the trials only, not for starting up. Prints lines `name,value,unit`: medians over the
rounds, and how often each asks the disk to be safe (fsync and fdatasync, counted by strace as the
difference of a long and a short run). Exit code 77: Optuna is not installed for this interpreter,
which is Debian's.
"""
import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = {  # trials of one round
    "dodona_sqlite": 1000, "dodona_sqlite_64": 6400, "dodona_memory": 100_000,
    "optuna_sqlite": 40, "optuna_memory": 1000,
}
SMOKE_SIZES = {name: 2 for name in SIZES} | {"dodona_sqlite_64": 64}


def run_optuna(store, trials, directory):
    """The peer's turn: prints what cycle_run prints of it."""
    import optuna
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = None
    if store == "sqlite":
        storage = f"sqlite:///{os.path.abspath(directory)}/optuna.db"
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))

    def objective(trial):
        total = sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(10))
        trial.report(total, 1)
        return total

    start = time.perf_counter()
    study.optimize(objective, n_trials=trials)
    seconds = time.perf_counter() - start
    print(json.dumps({"trials": len(study.trials), "trials_per_second": trials / seconds}))


class Bench:
    def __init__(self, build, directory, sizes):
        self.program = os.path.join(build, "tests", "cycle_run")
        self.directory, self.sizes = directory, sizes

    def command(self, name, trials, directory):
        store = "memory" if name.endswith("memory") else "sqlite"
        if name.startswith("optuna"):
            return [sys.executable, os.path.abspath(__file__), "--optuna", store, str(trials),
                    directory]
        return [self.program, store, str(trials), "64" if name.endswith("64") else "1", directory]

    def once(self, name, trials, look=lambda directory: None, tracer=()):
        """Runs in a fresh directory; answers what it printed and what `look` finds there."""
        directory = tempfile.mkdtemp(prefix="bench-", dir=self.directory)
        try:
            command = [*tracer, *self.command(name, trials, directory)]
            out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            return json.loads(out), look(directory)
        finally:
            shutil.rmtree(directory)

    def rate(self, name):
        return self.once(name, self.sizes[name])[0]["trials_per_second"]

    def syncs(self, name, trials):
        with tempfile.NamedTemporaryFile("r") as table:
            self.once(name, trials, tracer=["strace", "-f", "--seccomp-bpf", "-c", "-o", table.name,
                                            "-e", "trace=fsync,fdatasync"])
            # % time, seconds, usecs/call, calls, [errors,] syscall
            rows = [line.split() for line in table]
            return sum(int(row[3]) for row in rows if row and row[-1] in ("fsync", "fdatasync"))

    def syncs_per_trial(self, name, extra):
        short = self.sizes[name] if name.endswith("64") else 10
        return (self.syncs(name, short + extra) - self.syncs(name, short)) / extra

    def trials_per_commit(self, name):
        """A commit writes one row of the log, unless it has more than a MiB."""
        def count_rows(directory):
            database = sqlite3.connect(os.path.join(directory, "cycle", "study.db"))
            rows = database.execute("SELECT count(*) FROM log").fetchone()[0]
            database.close()
            return rows
        answer, rows = self.once(name, self.sizes[name], look=count_rows)
        return answer["trials"] / rows


def measure(bench, rounds, smoke):
    rates = {name: [] for name in bench.sizes}
    for _ in range(rounds):
        for name, list_of_rates in rates.items():
            list_of_rates.append(bench.rate(name))
    for name, list_of_rates in rates.items():
        yield f"{name}_rate", statistics.median(list_of_rates), "trials/s"
    for store in ("sqlite", "memory"):
        ratios = [ours / theirs
                  for ours, theirs in zip(rates[f"dodona_{store}"], rates[f"optuna_{store}"])]
        yield f"{store}_rate_ratio", statistics.median(ratios), "dodona/optuna"
    yield "dodona_sqlite_64_trials_per_commit", bench.trials_per_commit("dodona_sqlite_64"), "trials"
    if shutil.which("strace") is None:
        print("strace is not installed: nothing is counted", file=sys.stderr)
        return
    for name, extra in (("dodona_sqlite", 1000), ("optuna_sqlite", 20), ("dodona_sqlite_64", 6400)):
        syncs = bench.syncs_per_trial(name, 2 if smoke else extra)
        yield f"{name}_syncs_per_trial", syncs, "fsync+fdatasync"
        if name.endswith("64") and syncs > 0:
            yield f"{name}_trials_per_sync", 1 / syncs, "trials"


def main():
    if sys.argv[1:2] == ["--optuna"]:
        store, trials, directory = sys.argv[2:]
        run_optuna(store, int(trials), directory)
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--directory", help="on the disk to be measured; default: BUILD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="a few trials, to see that it works")
    given = parser.parse_args()
    try:
        import optuna  # noqa: F401
    except ImportError:
        print(f"{sys.executable} has no Optuna (Debian: python3-optuna)")
        return 77
    with tempfile.TemporaryDirectory(prefix="peer-", dir=given.directory or given.build) as scratch:
        bench = Bench(given.build, scratch, SMOKE_SIZES if given.smoke else SIZES)
        for name, value, unit in measure(bench, 1 if given.smoke else given.rounds, given.smoke):
            print(f"{name},{value:.4g},{unit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
