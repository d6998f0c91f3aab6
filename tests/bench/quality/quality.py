#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well oracles search: ours beside Optuna, dlib and NLopt, on the same problems and seeds.

    quality.py --build BUILD [--problems a,b] [--solvers x,y] [--seeds N] [--trials N] [--jobs N]
               [--tables DIR] [--keep FILE] [--results DIR] [--short]

Prints a table: mean regret at 10, 25, 50, 100 and 150 trials, as far as a problem goes, median regret
at the end, wins, and what a proposal costs; then how the solvers rank at each of these budgets, over
all problems and by group. Regret is (best - minimum) / (median of random search - minimum), the
latter at the end, so that 1 is no better than random; below SOLVED there is nothing left to win, and
solvers tie. With --results
it also writes results.csv, table.md, curves.svg and ranks.svg there; with --keep each finished run is
a line of FILE, and one that is there already does not run again.
--short runs three problems with five seeds against recorded levels and fails where ours got worse.
Solvers are names of oracles, or those of OPTUNA and PEERS below; those that this machine does not
have are left out.
"""
import argparse
import concurrent.futures
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import time

import curves
import differences

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))

PEERS = ("cobyla", "dlib", "direct-l", "crs2")
OPTUNA = ("optuna-tpe", "optuna-cmaes")
BUDGETS = (10, 25, 50, 100, 150)

SOLVED = 1e-6

# The mean best value of 20 seeds at 100 trials, and four standard errors of a mean of five: another
# processor's rounding makes other trials of the same seeds. Random search has means of 0.91, -2.18
# and 17.5.
LEVELS = {
    ("bayesian", "branin"): (0.39789, 0.0002), ("bayesian", "hartmann6"): (-3.316, 0.06),
    ("bayesian", "ackley5"): (0.06, 0.5),
    ("tpe", "branin"): (0.451, 0.18), ("tpe", "hartmann6"): (-3.179, 0.17),
    ("tpe", "ackley5"): (6.30, 2.0),
}


def problems_of(program):
    lines = subprocess.run([program, "list"], check=True, capture_output=True, text=True).stdout
    return {problem["name"]: problem for problem in map(json.loads, lines.splitlines())}


def sampler_of(solver, seed):
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if solver == "optuna-cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)


def run_optuna(solver, program, space, name, seed, trials):
    """The peer's turn: asks Optuna, and has the values from the same program."""
    import optuna
    study = optuna.create_study(sampler=sampler_of(solver, seed))
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
        if math.isnan(value):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, value)
        seconds[-1] += time.process_time() - start
    server.stdin.close()
    server.wait()
    return {"values": values, "seconds": seconds}


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


def optuna_name():
    if not has_optuna():
        return ""
    import optuna
    return f"Optuna is version {optuna.__version__}."


def run(given, problem, solver, seed):
    """One run: a worker process has Optuna loaded once."""
    tests = os.path.join(given.build, "tests")
    program = os.path.join(tests, "peer_run" if solver in PEERS else "quality_run")
    trials = given.trials or problem["trials"]
    name, arguments = problem["name"], [problem["name"], str(seed), str(trials)]
    if solver in OPTUNA:
        return run_optuna(solver, program, problem["space"], name, seed, trials)
    command = [program, solver, *arguments] if solver in PEERS else [program, "run", solver, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{solver} on {name}, seed {seed}: {done.stderr.strip()}")
    return json.loads(done.stdout)


class Bench:
    def __init__(self, given):
        self.given = given
        self.problems = problems_of(os.path.join(given.build, "tests", "quality_run"))

    def trials(self, problem):
        return self.given.trials or self.problems[problem]["trials"]

    def budgets(self, problem):
        return sorted({at for at in BUDGETS if at < self.trials(problem)} | {self.trials(problem)})

    def best_so_far(self, problem, answer):
        best, low = [], float("inf")
        for value in answer["values"]:
            low = min(low, value)
            best.append(low)
        best += [low] * (self.trials(problem) - len(best))  # an exhausted space, or converged
        return {"best": best, "seconds": answer["seconds"]}

    def run_all(self, solvers, problems, seeds):
        jobs = [(s, p, seed) for seed in seeds for p in problems for s in solvers]
        runs = self.kept()
        todo = [job for job in jobs if job not in runs]
        with concurrent.futures.ProcessPoolExecutor(self.given.jobs) as pool:
            futures = {pool.submit(run, self.given, self.problems[p], s, seed): (s, p, seed)
                       for s, p, seed in todo}
            for future in concurrent.futures.as_completed(futures):
                job = futures[future]
                runs[job] = self.best_so_far(job[1], future.result())
                if self.given.keep:
                    with open(self.given.keep, "a", encoding="utf-8") as file:
                        file.write(json.dumps([*job, self.trials(job[1]), runs[job]]) + "\n")
        return {job: runs[job] for job in jobs}

    def kept(self):
        if not self.given.keep or not os.path.exists(self.given.keep):
            return {}
        with open(self.given.keep, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return {(s, p, seed): answer for s, p, seed, trials, answer in rows
                if p in self.problems and trials == self.trials(p)}


def regrets(bench, runs, problem, solver, seeds, at):
    minimum = bench.problems[problem]["minimum"]
    scale = statistics.median(runs["random", problem, s]["best"][-1] for s in seeds) - minimum
    return [max(0, runs[solver, problem, s]["best"][at - 1] - minimum) / (scale or 1)
            for s in seeds]


def table(bench, runs, solvers, problems, seeds):
    """Lines of markdown."""
    yield "| problem | group | solver | mean regret at " + " | ".join(map(str, BUDGETS)) \
          + " | median at the end | mean best | wins | ms a proposal |"
    yield "|---" * (7 + len(BUDGETS)) + "|"
    for problem in problems:
        trials = bench.trials(problem)
        final = {s: regrets(bench, runs, problem, s, seeds, trials) for s in solvers}
        for solver in solvers:
            means = [f"{statistics.mean(regrets(bench, runs, problem, solver, seeds, at)):.3g}"
                     if at in bench.budgets(problem) else "" for at in BUDGETS]
            wins = sum(final[solver][i] <= max(SOLVED, min(final[s][i] for s in solvers))
                       for i in range(len(seeds)))
            best = statistics.mean(runs[solver, problem, s]["best"][-1] for s in seeds)
            cost = statistics.mean(x for s in seeds for x in runs[solver, problem, s]["seconds"])
            yield f"| {problem} | {bench.problems[problem]['group']} | {solver} | " \
                  + " | ".join(means) \
                  + f" | {statistics.median(final[solver]):.3g} | {best:.5g} | {wins} " \
                  + f"| {1e3 * cost:.2f} |"
    for at in BUDGETS:
        those = [problem for problem in problems if at in bench.budgets(problem)]
        if those:
            yield ""
            yield from ranks(bench, runs, solvers, those, seeds, at)


def places(bench, runs, solvers, problems, seeds, at, middle):
    """For each problem how the solvers rank by a middle of the regrets; equal ones share places."""
    out = []
    for problem in problems:
        score = {s: max(middle(regrets(bench, runs, problem, s, seeds, at)), SOLVED)
                 for s in solvers}
        out.append({s: sum(score[t] < score[s] for t in solvers)
                    + (sum(score[t] == score[s] for t in solvers) + 1) / 2 for s in solvers})
    return out


def ranks(bench, runs, solvers, problems, seeds, at):
    """How solvers rank by mean and median regret: on average over all problems, and by group."""
    group_of = [bench.problems[problem]["group"] for problem in problems]
    groups = ["all"] + sorted(set(group_of))
    both = [places(bench, runs, solvers, problems, seeds, at, middle)
            for middle in (statistics.mean, statistics.median)]
    yield f"Mean rank at {at} trials, by mean regret / by median regret:"
    yield ""
    yield "| solver | " + " | ".join(f"{g} ({len(group_of) if g == 'all' else group_of.count(g)})"
                                     for g in groups) + " |"
    yield "|---" * (len(groups) + 1) + "|"
    for solver in solvers:
        cells = [" / ".join(f"{statistics.mean(p[solver] for p, of in zip(each, group_of) if group in ('all', of)):.2f}"
                            for each in both) for group in groups]
        yield f"| {solver} | " + " | ".join(cells) + " |"


def write_results(bench, runs, solvers, problems, seeds, lines):
    directory = bench.given.results
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "results.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["problem", "solver", "seed", *(f"best at {at}" for at in BUDGETS)])
        for (solver, problem, seed), run in runs.items():
            writer.writerow([problem, solver, seed, *(f"{run['best'][at - 1]:.6g}"
                                                      for at in BUDGETS if at <= len(run["best"]))])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            cwd=os.path.dirname(os.path.abspath(__file__))).stdout.strip()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if "model name" in line), "?")
    head = f"Commit {commit or '?'}, {os.cpu_count()} cores of {model}, {len(seeds)} seeds; " \
           f"milliseconds are processor time. {optuna_name()}\n\n"
    with open(os.path.join(directory, "table.md"), "w", encoding="utf-8") as file:
        file.write("# Search quality\n\n" + head + "\n".join(lines) + "\n")
    panels = {problem: {s: [[max(r, SOLVED) for r in
                             (regrets(bench, runs, problem, s, seeds, at + 1))]
                            for at in range(bench.trials(problem))] for s in solvers}
              for problem in problems}
    with open(os.path.join(directory, "curves.svg"), "w", encoding="utf-8") as file:
        file.write(curves.picture(panels))
    by_budget = {}
    for at in BUDGETS:
        those = [problem for problem in problems if at in bench.budgets(problem)]
        if len(those) > 1:
            by_budget[at] = places(bench, runs, solvers, those, seeds, at, statistics.mean)
    with open(os.path.join(directory, "ranks.svg"), "w", encoding="utf-8") as file:
        file.write(differences.picture(by_budget))


def check_levels(runs, seeds):
    """True if the oracles of Dodona keep their recorded levels."""
    fine = True
    for (solver, problem), (level, noise) in LEVELS.items():
        mean = statistics.mean(runs[solver, problem, s]["best"][-1] for s in seeds)
        if mean > level + noise:
            print(f"{solver} on {problem}: {mean:.5g} is worse than {level} by more than {noise}",
                  file=sys.stderr)
            fine = False
    return fine


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--problems")
    parser.add_argument("--solvers", default=",".join(["auto", "tpe", "random", *OPTUNA, *PEERS]))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, help="of every problem, instead of its own number")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tables", default=os.path.join(ROOT, "..", "shared", "bench-data"))
    parser.add_argument("--keep", metavar="FILE")
    parser.add_argument("--results", metavar="DIR")
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    if given.short:
        given.problems, given.solvers = "branin,hartmann6,ackley5", "bayesian,tpe,random"
        given.seeds, given.trials, given.keep = 5, 100, None
    if os.path.isdir(given.tables):
        os.environ["DODONA_BENCH_DATA"] = given.tables
    bench = Bench(given)
    solvers = given.solvers.split(",")
    if "random" not in solvers:
        solvers.append("random")
    if any(solver in OPTUNA for solver in solvers) and not has_optuna():
        print(f"{sys.executable} has no Optuna (Debian: python3-optuna)", file=sys.stderr)
        solvers = [solver for solver in solvers if solver not in OPTUNA]
    if not os.path.exists(os.path.join(given.build, "tests", "peer_run")):
        absent = [solver for solver in solvers if solver in PEERS]
        solvers = [solver for solver in solvers if solver not in PEERS]
        if absent:
            print("without " + ", ".join(absent) + ": peer_run was not built (Debian: libdlib-dev, "
                  "libnlopt-dev)", file=sys.stderr)
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
