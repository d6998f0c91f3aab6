# SPDX-License-Identifier: Apache-2.0
"""The common part of the end-to-end tests: `dodona` as a child process in a scratch directory.

A study tunes the toy of tests/support/plugins, which waits and breaks as it is told.
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ["DODONA_BUILD_DIR"]
PROGRAM = os.path.join(BUILD, "bin", "dodona")
PLUGINS = os.path.join(BUILD, "tests", "plugins")
BAD_PLUGINS = os.path.join(BUILD, "tests", "bad")
HANG_SECONDS = 60  # far more than anything here takes
TRIAL_KEYS = ["trial", "state", "outcome", "values", "score", "spread", "execution_scores",
              "best_step", "metrics", "message", "seed", "budget", "resume_of", "repeat_of", "attempt",
              "started", "finished", "seconds", "notes"]
TIMES = ["started", "finished", "seconds"]


def built_plugin(name):
    """Where the build puts a plugin of the tree."""
    return os.path.join(BUILD, "lib", "dodona", "plugins", name + ".so")


def untimed(trials):
    return [{key: value for key, value in trial.items() if key not in TIMES} for trial in trials]


class ProgramTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="dodona-e2e-")
        self.addCleanup(scratch.cleanup)
        self.directory = os.path.realpath(scratch.name)
        os.chmod(self.directory, 0o755)
        # Neither plugins nor settings of whoever runs the tests.
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("NO_COLOR", "TERM")}
        self.environment.update(DODONA_PLUGIN_PATH=PLUGINS, XDG_DATA_HOME=self.directory,
                                HOME=self.directory)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def read(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return file.read()

    def study(self, name="study.json", options=None, **keys):
        """Writes a study file; its project is runs/toy."""
        document = {
            "project_name": "toy", "directory": "runs", "seed": 7,
            "objective": {"name": "loss", "direction": "min"}, "max_trials": 5,
            "oracle": {"plugin": "random"},
            "hypermodel": {"plugin": "toy", "options": options or {}}}
        document.update(keys)
        return self.write(name, json.dumps(document))

    def run_program(self, *words, code=0, environment=None, **more):
        """Runs `dodona WORDS` to its end, which must be `code`."""
        result = subprocess.run(
            [PROGRAM, *words], cwd=self.directory, env={**self.environment, **(environment or {})},
            capture_output=True, text=True, timeout=HANG_SECONDS, **{"input": "", **more})
        self.assertEqual(result.returncode, code, f"{words}: {result.stdout}{result.stderr}")
        return result

    def talk(self, *requests):
        """The answers of ask-tell over study.json."""
        result = self.run_program(
            "ask-tell", "study.json",
            input="".join(json.dumps(request) + "\n" for request in requests))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refused(self, code, words, *fragments, **more):
        """Runs `dodona WORDS`, which must say why not in one line that has all the fragments."""
        result = self.run_program(*words, code=code, **more)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.splitlines()
        self.assertRegex(lines[-1], "^dodona: ")
        for fragment in fragments:
            self.assertIn(fragment, lines[-1])
        return lines

    def start(self, *words):
        """Starts `dodona WORDS`; what it says goes to the files out and err."""
        with open(self.path("out"), "w") as out, open(self.path("err"), "w") as err:
            child = subprocess.Popen([PROGRAM, *words], cwd=self.directory, env=self.environment,
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=err)

        def end():
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
            child.wait()

        self.addCleanup(end)
        return child

    def until(self, condition, what):
        end = time.monotonic() + HANG_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end, f"never came: {what}\n{self.read('err')}")
            time.sleep(0.01)

    def timed_trials(self, directory="runs/toy", command="trials"):
        return json.loads(self.run_program(command, directory, "--json").stdout)["trials"]

    def trials(self, directory="runs/toy"):
        """Without what is never the same twice."""
        return untimed(self.timed_trials(directory))

    def states(self, directory="runs/toy"):
        return [trial["state"] for trial in self.trials(directory)]

    def events(self, directory="runs/toy"):
        """The lines of the sink jsonl: every event of the log once, in order."""
        text = self.read(directory, "events.jsonl")
        complete = text[:text.rfind("\n") + 1]  # the last line may be half written
        events = [json.loads(line) for line in complete.splitlines()]
        self.assertEqual([event["sequence"] for event in events], list(range(len(events))))
        return events

    @contextlib.contextmanager
    def unharmed(self, directory="runs/toy"):
        """Expects that the code inside changes nothing of a project."""
        before = self.trials(directory)
        self.assertGreater(len(before), 0)
        yield
        self.assertEqual(self.trials(directory), before)


def main():
    """Exit code 77 where every test was skipped."""
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    # The skip of a class stands in `skipped` too, but its tests do not count as run.
    skipped = sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    sys.exit(77 if result.testsRun == skipped else 0)
