#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well oracles find fronts: ours beside Optuna's, on the same problems and seeds.

    fronts.py --build BUILD [--problems a,b] [--solvers x,y] [--first SEED] [--seeds N]
              [--trials 50,100,200] [--jobs N] [--keep FILE] [--results DIR]

Prints the mean hypervolume of each solver for each budget, as a share of the problem's volume, and
the mean ranks of the solvers at each budget. An oracle of ours runs anew for each budget, which it
is told; Optuna's samplers know no budget, so that one run has all marks. With --results the tables
go to fronts.md there; with --keep each finished run is a line of FILE and does not run again.
"""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import time

OPTUNA = ("optuna-nsga2", "optuna-tpe")
OURS = ("auto", "bayesian", "tpe", "nsga2", "random")


def problems_of(program):
    lines = subprocess.run([program, "list"], check=True, capture_output=True, text=True).stdout
    return {problem["name"]: problem for problem in map(json.loads, lines.splitlines())}


def study_of(solver, problem, seed):
    import warnings

    import optuna
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    constraints = (lambda trial: trial.user_attrs["excesses"]) if problem["limits"] else None
    if solver == "optuna-nsga2":
        sampler = optuna.samplers.NSGAIISampler(seed=seed, constraints_func=constraints)
    else:
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True,
                                             constraints_func=constraints)
    return optuna.create_study(directions=["minimize"] * problem["objectives"], sampler=sampler)


def run_optuna(solver, program, problem, seed, marks):
    study = study_of(solver, problem, seed)
    server = subprocess.Popen([program, "serve", problem["name"]], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)

    def ask(line):
        server.stdin.write(line + "\n")
        server.stdin.flush()
        return [float(word) for word in server.stdout.readline().split()]
    volumes, seconds = {}, 0
    for number in range(1, max(marks) + 1):
        start = time.process_time()
        trial = study.ask()
        values = [trial.suggest_float(f"x{i}", low, high)
                  for i, (low, high) in enumerate(problem["space"])]
        seconds += time.process_time() - start
        scores = ask(" ".join(map(repr, values)))
        start = time.process_time()
        trial.set_user_attr("excesses", scores[problem["objectives"]:])
        study.tell(trial, scores[:problem["objectives"]])
        seconds += time.process_time() - start
        if number in marks:
            volumes[str(number)] = ask("volume")[0]
    server.stdin.close()
    server.wait()
    return {"volumes": volumes, "seconds": seconds / max(marks)}


def run(build, problem, solver, seed, marks):
    program = os.path.join(build, "tests", "front_run")
    if solver in OPTUNA:
        return run_optuna(solver, program, problem, seed, marks)
    command = [program, "run", solver, problem["name"], str(seed), str(max(marks)),
               *map(str, marks)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{solver} on {problem['name']}, seed {seed}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def run_all(given, problems, solvers, seeds, budgets):
    """{(solver, problem, seed, budget): (volume, seconds a proposal)}"""
    jobs = [(solver, name, seed, marks)
            for seed in seeds for name in problems for solver in solvers
            for marks in ([budgets] if solver in OPTUNA else [[budget] for budget in budgets])]
    runs = {}
    if given.keep and os.path.exists(given.keep):
        with open(given.keep, encoding="utf-8") as file:
            for key, answer in map(json.loads, file):
                runs[tuple(key)] = tuple(answer)
    todo = [job for job in jobs if any((*job[:3], mark) not in runs for mark in job[3])]
    with concurrent.futures.ProcessPoolExecutor(given.jobs) as pool:
        futures = {pool.submit(run, given.build, problems[name], solver, seed, marks):
                   (solver, name, seed) for solver, name, seed, marks in todo}
        for future in concurrent.futures.as_completed(futures):
            answer = future.result()
            for mark, volume in answer["volumes"].items():
                key = (*futures[future], int(mark))
                runs[key] = (volume, answer["seconds"])
                if given.keep:
                    with open(given.keep, "a", encoding="utf-8") as file:
                        file.write(json.dumps([key, runs[key]]) + "\n")
    return runs


def ranks_of(shares):
    """The rank of each solver, 1 for the largest share; ties share the mean."""
    return {solver: sum(other > share for other in shares.values())
            + (sum(other == share for other in shares.values()) + 1) / 2
            for solver, share in shares.items()}


def table(problems, solvers, seeds, budgets, runs):
    """Lines of markdown."""
    places = {}
    yield "| problem | trials | " + " | ".join(solvers) + " |"
    yield "|---" * (len(solvers) + 2) + "|"
    for name, problem in problems.items():
        for budget in budgets:
            means = {}
            for solver in solvers:
                shares = [runs[solver, name, seed, budget][0] / problem["volume"] for seed in seeds]
                means[solver] = statistics.mean(shares)
            for solver, place in ranks_of(means).items():
                places.setdefault((solver, budget), []).append(place)
            best = max(means.values())
            cells = [f"**{share:.4f}**" if share == best else f"{share:.4f}"
                     for share in means.values()]
            yield f"| {name} | {budget} | " + " | ".join(cells) + " |"
    yield ""
    yield "| mean rank | " + " | ".join(solvers) + " |"
    yield "|---" * (len(solvers) + 1) + "|"
    for budget in budgets:
        cells = [f"{statistics.mean(places[solver, budget]):.2f}" for solver in solvers]
        yield f"| at {budget} trials | " + " | ".join(cells) + " |"
    cost = [f"{1e3 * statistics.mean(runs[s, n, seed, budgets[-1]][1] for n in problems for seed in seeds):.3f}"
            for s in solvers]
    yield f"| ms a proposal, {budgets[-1]} trials | " + " | ".join(cost) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--problems")
    parser.add_argument("--solvers", default=",".join([*OURS, *OPTUNA]))
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", default="50,100,200")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", metavar="FILE")
    parser.add_argument("--results", metavar="DIR")
    given = parser.parse_args()
    problems = problems_of(os.path.join(given.build, "tests", "front_run"))
    if given.problems:
        problems = {name: problems[name] for name in given.problems.split(",")}
    solvers = given.solvers.split(",")
    seeds = range(given.first, given.first + given.seeds)
    budgets = sorted(int(word) for word in given.trials.split(","))
    runs = run_all(given, problems, solvers, seeds, budgets)
    lines = list(table(problems, solvers, seeds, budgets, runs))
    print("\n".join(lines))
    if given.results:
        os.makedirs(given.results, exist_ok=True)
        with open(os.path.join(given.results, "fronts.md"), "w", encoding="utf-8") as file:
            file.write(f"# Hypervolume\n\n{len(seeds)} seeds from {given.first} on. Shares of each "
                       "problem's volume, means; milliseconds are processor time.\n\n"
                       + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
