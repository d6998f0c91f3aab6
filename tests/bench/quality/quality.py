#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well oracles search: ours beside Debian's python3-optuna, on the same problems and seeds.

    quality.py --build BUILD [--problems a,b] [--solvers x,y] [--seeds N] [--trials N] [--jobs N]
               [--results DIR] [--short]

Prints a table: mean and median regret at 25, 50 and all trials, wins, and what a proposal costs.
Regret is (best - minimum) / (median of random search - minimum), both at the end, so that 1 is no
better than random. With --results it also writes results.csv, table.md and curves.svg there.
--short runs three problems with five seeds against recorded levels and fails where ours got worse.
Solvers are names of oracles, or `optuna-tpe`; the latter needs this interpreter's Optuna and is left
out where there is none.
"""
import argparse
import concurrent.futures
import csv
import json
import os
import statistics
import subprocess
import sys
import time

import curves

# Mean best value over seeds 1 to 5 at 100 trials that each oracle must reach: what was measured,
# and its noise.
LEVELS = {
    ("bayesian", "branin"): 0.3980, ("bayesian", "hartmann6"): -3.25, ("bayesian", "ackley5"): 3.0,
    ("tpe", "branin"): 0.60, ("tpe", "hartmann6"): -2.95, ("tpe", "ackley5"): 9.5,
}


def problems_of(program):
    lines = subprocess.run([program, "list"], check=True, capture_output=True, text=True).stdout
    return {problem["name"]: problem for problem in map(json.loads, lines.splitlines())}


def run_optuna(program, name, seed, trials):
    """The peer's turn: asks Optuna, and has the values from the same program."""
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = problems_of(program)[name]["space"]
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    study = optuna.create_study(sampler=sampler)
    server = subprocess.Popen([program, "serve", name, str(seed)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    values, seconds = [], []
    for _ in range(trials):
        start = time.process_time()
        trial = study.ask()
        cells = []
        for param in space:
            active = all(cells[parent] in any_of for parent, *any_of in param["when"])
            cells.append(suggest(trial, param) if active else None)
        seconds.append(time.process_time() - start)
        line = " ".join("-" if cell is None else repr(cell) for cell in cells)
        server.stdin.write(line + "\n")
        server.stdin.flush()
        value, truth = map(float, server.stdout.readline().split())
        values.append(truth)
        start = time.process_time()
        study.tell(trial, value)
        seconds[-1] += time.process_time() - start
    server.stdin.close()
    server.wait()
    print(json.dumps({"values": values, "seconds": seconds}))


def suggest(trial, param):
    if param["type"] == "choice":
        return trial.suggest_categorical(param["name"], list(range(param["count"])))
    if param["type"] == "int":
        return trial.suggest_int(param["name"], param["low"], param["high"])
    return trial.suggest_float(param["name"], param["low"], param["high"])


def has_optuna():
    try:
        import optuna  # noqa: F401
    except ImportError:
        return False
    return True


class Bench:
    def __init__(self, given):
        self.given = given
        self.program = os.path.join(given.build, "tests", "quality_run")
        self.problems = problems_of(self.program)

    def run(self, solver, problem, seed):
        arguments = [problem, str(seed), str(self.given.trials)]
        command = [self.program, "run", solver, *arguments]
        if solver == "optuna-tpe":
            command = [sys.executable, os.path.abspath(__file__), "--build", self.given.build,
                       "--optuna", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{solver} on {problem}, seed {seed}: {done.stderr.strip()}")
        answer = json.loads(done.stdout)
        best, low = [], float("inf")
        for value in answer["values"]:
            low = min(low, value)
            best.append(low)
        best += [low] * (self.given.trials - len(best))  # an exhausted space
        return {"best": best, "seconds": answer["seconds"]}

    def run_all(self, solvers, problems, seeds):
        jobs = [(s, p, seed) for p in problems for seed in seeds for s in solvers]
        with concurrent.futures.ThreadPoolExecutor(self.given.jobs) as pool:
            return dict(zip(jobs, pool.map(lambda job: self.run(*job), jobs)))


def regrets(bench, runs, problem, solver, seeds, at):
    minimum = bench.problems[problem]["minimum"]
    scale = statistics.median(runs["random", problem, s]["best"][-1] for s in seeds) - minimum
    return [max(0, runs[solver, problem, s]["best"][at - 1] - minimum) / (scale or 1)
            for s in seeds]


def table(bench, runs, solvers, problems, seeds):
    """Lines of markdown."""
    trials = bench.given.trials
    yield "| problem | group | solver | mean regret at 25 | 50 | " \
          f"{trials} | median at {trials} | mean best | wins | ms a proposal |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for problem in problems:
        final = {s: regrets(bench, runs, problem, s, seeds, trials) for s in solvers}
        for solver in solvers:
            means = [statistics.mean(regrets(bench, runs, problem, solver, seeds, at))
                     for at in (min(25, trials), min(50, trials), trials)]
            wins = sum(final[solver][i] <= min(final[s][i] for s in solvers)
                       for i in range(len(seeds)))
            best = statistics.mean(runs[solver, problem, s]["best"][-1] for s in seeds)
            cost = statistics.mean(x for s in seeds for x in runs[solver, problem, s]["seconds"])
            yield f"| {problem} | {bench.problems[problem]['group']} | {solver} | " \
                  + " | ".join(f"{mean:.3g}" for mean in means) \
                  + f" | {statistics.median(final[solver]):.3g} | {best:.5g} | {wins} " \
                  + f"| {1e3 * cost:.2f} |"
    yield ""
    yield "| solver | mean rank by mean regret | by median regret |"
    yield "|---|---|---|"
    for solver in solvers:
        ranks = []
        for middle in (statistics.mean, statistics.median):
            places = []
            for problem in problems:
                score = {s: middle(regrets(bench, runs, problem, s, seeds, trials))
                         for s in solvers}
                better = sum(score[s] < score[solver] for s in solvers)
                equal = sum(score[s] == score[solver] for s in solvers)
                places.append(better + (equal + 1) / 2)
            ranks.append(statistics.mean(places))
        yield f"| {solver} | {ranks[0]:.2f} | {ranks[1]:.2f} |"


def write_results(bench, runs, solvers, problems, seeds, lines):
    directory = bench.given.results
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "results.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["problem", "solver", "seed", "trial", "best"])
        marks = sorted({at for at in (10, 25, 50, 75, 100, bench.given.trials)
                        if at <= bench.given.trials})
        for (solver, problem, seed), run in runs.items():
            for at in marks:
                writer.writerow([problem, solver, seed, at, f"{run['best'][at - 1]:.6g}"])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            cwd=os.path.dirname(os.path.abspath(__file__))).stdout.strip()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if "model name" in line), "?")
    head = f"Commit {commit or '?'}, {os.cpu_count()} cores of {model}, {len(seeds)} seeds, " \
           f"{bench.given.trials} trials; milliseconds are processor time.\n\n"
    with open(os.path.join(directory, "table.md"), "w", encoding="utf-8") as file:
        file.write("# Search quality\n\n" + head + "\n".join(lines) + "\n")
    panels = {problem: {s: [[max(r, 1e-9) for r in
                             (regrets(bench, runs, problem, s, seeds, at + 1))]
                            for at in range(bench.given.trials)] for s in solvers}
              for problem in problems}
    with open(os.path.join(directory, "curves.svg"), "w", encoding="utf-8") as file:
        file.write(curves.picture(panels))


def check_levels(runs, seeds):
    """Whether ours are where they were."""
    fine = True
    for (solver, problem), level in LEVELS.items():
        if (solver, problem, seeds[0]) not in runs:
            continue
        mean = statistics.mean(runs[solver, problem, s]["best"][-1] for s in seeds)
        if mean > level:
            print(f"{solver} on {problem}: {mean:.5g} is worse than {level}", file=sys.stderr)
            fine = False
    return fine


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--problems")
    parser.add_argument("--solvers", default="auto,bayesian,tpe,random,optuna-tpe")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--results")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--optuna", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.optuna:
        program = os.path.join(given.build, "tests", "quality_run")
        run_optuna(program, given.optuna[0], int(given.optuna[1]), int(given.optuna[2]))
        return 0
    if given.short:
        given.problems, given.solvers = "branin,hartmann6,ackley5", "bayesian,tpe,random"
        given.seeds, given.trials = 5, 100
    bench = Bench(given)
    solvers = given.solvers.split(",")
    if "random" not in solvers:
        solvers.append("random")
    if "optuna-tpe" in solvers and not has_optuna():
        print(f"{sys.executable} has no Optuna (Debian: python3-optuna)", file=sys.stderr)
        solvers.remove("optuna-tpe")
    problems = given.problems.split(",") if given.problems else list(bench.problems)
    seeds = list(range(1, given.seeds + 1))
    runs = bench.run_all(solvers, problems, seeds)
    lines = list(table(bench, runs, solvers, problems, seeds))
    print("\n".join(lines))
    if given.results:
        write_results(bench, runs, solvers, problems, seeds, lines)
    return 0 if not given.short or check_levels(runs, seeds) else 1


if __name__ == "__main__":
    sys.exit(main())
