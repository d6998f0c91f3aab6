#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How busy many workers are kept by one study, at trials of a tenth of a second.

    workers.py [--workers N] [--trials N] [--sampler tpe|random] [--directory DIR]

Optuna has a process for each worker, and they meet on a PostgreSQL server that the script starts for
itself and ends: without systemd, on a socket in a temporary directory of DIR, whose disk is measured.
A trial draws 10 floats and sleeps. The clock runs from the moment when all workers are ready until the
last has finished; busy is the share of that time in which a worker slept in a trial. Prints lines
`name,value,unit`. Exit code 77: Debian's Optuna, PostgreSQL or psycopg2 is not installed.
"""
import argparse
import contextlib
import glob
import multiprocessing
import os
import pwd
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "machines"))

import sandbox  # noqa: E402

TRIAL_SECONDS = 0.1
READY_SECONDS = 120


def missing():
    """The Debian package that is not there, if one is not."""
    try:
        import optuna  # noqa: F401
        import psycopg2  # noqa: F401
    except ImportError as error:
        return f"python3-{error.name}"
    return None if postgresql_folder() else "postgresql"


def postgresql_folder():
    return max(glob.glob("/usr/lib/postgresql/*/bin"), default=None)


class PostgreSql:
    """A server of its own, on the disk of a directory; `url` is what SQLAlchemy takes."""

    def __init__(self, directory, connections):
        self.directory, self.connections = directory, connections

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            path = stack.enter_context(tempfile.TemporaryDirectory(dir=self.directory))
            self.home = stack.enter_context(tempfile.TemporaryDirectory())
            user = []
            if os.getuid() == 0:  # whom the server refuses
                owner = pwd.getpwnam("postgres")
                os.chown(path, owner.pw_uid, owner.pw_gid)
                os.chown(self.home, owner.pw_uid, owner.pw_gid)
                user = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}",
                        "--clear-groups"]
            data = os.path.join(self.home, "data")
            os.mkdir(data)
            # A way to the directory that every user may go.
            subprocess.run(["mount", "--bind", path, data], check=True)
            stack.callback(subprocess.run, ["umount", data], check=True)
            folder = postgresql_folder()
            subprocess.run([*user, f"{folder}/initdb", "--pgdata", data, "--auth=trust",
                            "--username=optuna", "--locale=C", "--encoding=UTF8"],
                           check=True, stdout=subprocess.DEVNULL, cwd=self.home)
            self.server = sandbox.Daemon(
                [*user, f"{folder}/postgres", "-D", data, "-k", self.home, "-c", "listen_addresses=",
                 "-c", f"max_connections={self.connections}"], os.path.join(self.home, "log"))
            stack.callback(self.end)
            sandbox.until(self.answers, "PostgreSQL", why=self.server.said)
            self.url = f"postgresql+psycopg2://optuna@/postgres?host={self.home}"
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.stack.close()

    def answers(self):
        return subprocess.run([f"{postgresql_folder()}/pg_isready", "--host", self.home],
                              stdout=subprocess.DEVNULL, check=False).returncode == 0

    def end(self):
        self.server.signal(sandbox.signal.SIGQUIT)  # at once, with all its processes
        self.server.child.wait(sandbox.HANG_SECONDS)


def sampler_of(name, seed):
    import optuna
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed)


def work(url, sampler, seed, trials, ready, ends):
    """One worker of Optuna."""
    import optuna
    study = optuna.load_study(study_name="workers", storage=storage_at(url),
                              sampler=sampler_of(sampler, seed))

    def objective(trial):
        total = sum(trial.suggest_float(f"x{i}", 0, 1) for i in range(10))
        time.sleep(TRIAL_SECONDS)
        return total

    ready.wait(READY_SECONDS)
    study.optimize(objective, n_trials=trials)
    ends.put(time.monotonic())


def storage_at(url):
    import optuna
    return optuna.storages.RDBStorage(url, engine_kwargs={"pool_size": 1, "max_overflow": 1})


def optuna_on_postgresql(workers, trials, sampler, directory):
    """Seconds that the trials took."""
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    each, rest = divmod(trials, workers)
    fork = multiprocessing.get_context("fork")
    with PostgreSql(directory, 2 * workers + 10) as server:
        optuna.create_study(study_name="workers", storage=storage_at(server.url))
        ready, ends = fork.Barrier(workers + 1), fork.Queue()
        children = [fork.Process(target=work, args=(server.url, sampler, i, each + (i < rest), ready,
                                                    ends)) for i in range(workers)]
        for child in children:
            child.daemon = True  # it ends with this process
            child.start()
        ready.wait(READY_SECONDS)
        start = time.monotonic()
        for child in children:
            child.join()
            if child.exitcode:
                raise RuntimeError(f"a worker of Optuna ended with {child.exitcode}")
        return max(ends.get() for _ in children) - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--trials", type=int, help="default: 10 a worker")
    parser.add_argument("--sampler", choices=("tpe", "random"), default="tpe")
    parser.add_argument("--directory", default=".")
    given = parser.parse_args()
    lacks = missing()
    if lacks:
        print(f"skipped '{sys.executable} has no {lacks} (Debian)'")
        return 77
    sandbox.enter()
    if os.environ[sandbox.WHY_NOT]:
        print(f"skipped 'no namespaces: {os.environ[sandbox.WHY_NOT]}'")
        return 77
    trials = given.trials or 10 * given.workers
    seconds = optuna_on_postgresql(given.workers, trials, given.sampler, given.directory)
    name = f"optuna_postgresql_{given.sampler}_{given.workers}"
    print(f"{name}_rate,{trials / seconds:.4g},trials/s")
    print(f"{name}_busy,{100 * trials * TRIAL_SECONDS / (seconds * given.workers):.3g},%")
    return 0


if __name__ == "__main__":
    sys.exit(main())
