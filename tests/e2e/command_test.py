#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hypermodel `command` as a user has it: mistakes, ends, checkpoints, devices."""
import json
import os
import re
import signal
import subprocess
import sys

import program

SPACE = [{"name": "x", "type": "float", "min_value": 0, "max_value": 1}]


class CommandTest(program.ProgramTest):
    def command(self, command, options=None, **keys):
        """A study of a command; a string is a program in Python, kept as program.py."""
        if isinstance(command, str):
            command = [sys.executable, self.path(self.write("program.py", command)), "{x}"]
        return self.study(**{"space": SPACE, "sinks": ["jsonl"], "hypermodel": {
            "plugin": "command", "options": {"command": command, **(options or {})}}, **keys})

    def reports(self):
        """The metrics of each report, by trial and step."""
        return {(e["trial"], e["step"]): e["metrics"] for e in self.events() if e["type"] == "reported"}


class Mistakes(CommandTest):
    def refuses(self, study, *fragments, code=2):
        self.refused(code, ["search", study], *fragments)

    def test_are_told_before_the_first_trial(self):
        program_and = ["python3", "train.py"]
        self.refuses(self.command(program_and, space=[]), 'hypermodel "command": space is missing')
        self.refuses(self.command([*program_and, "--lr={lr}"]),
                     'command[2]: there is no hyperparameter "lr"; the space has x')
        self.refuses(self.command(["train {x}"], {"shell": True}), '"$DODONA_HP_X"')
        depends = {**SPACE[0], "name": "y", "when": {"kind": ["a"]}}
        kind = {"name": "kind", "type": "choice", "values": ["a", "b"]}
        for space, problem in (
                ([depends, kind], '"kind" is defined later, as space[1]; move it before "y"'),
                ([depends], 'there is no hyperparameter "kind"')):
            self.refuses(self.command(["true"], space=space), "dodona: study.json:1:",
                         ": space[0].when: " + problem)
        self.refuses(self.command([]), "command: is empty")
        self.refuses(self.command(program_and, {"metrics_regex": {"loss": "(["}}), "no regular expression")
        # An objective that no expression reads failed three trials, one after another.
        regex = {"metrics_regex": {"step": "epoch (.+)", "acc": "acc (.+)", "val": "val (.+)"}}
        self.refuses(self.command(program_and, regex), 'objective: the hypermodel does not report "loss"',
                     "it reports acc, val")
        self.refuses(self.command(program_and, regex, objective={"name": "va", "direction": "max"}),
                     'did you mean "val"?')
        self.refuses(self.command(program_and, regex, objective={"name": "default_objective",
                                                                 "direction": "min"}),
                     "objective is missing", "the hypermodel reports acc, val")
        self.refuses(self.command(program_and, {"metrics_regex": {"step": "epoch (.+)"}}),
                     "metrics_regex: has step alone")
        self.refuses(self.command(program_and, {"metrics_regex": {"loss": "loss .+"}}),
                     'metrics_regex: "loss .+" of "loss" has no group')
        self.refuses(self.command(program_and, {"metrics_file": "../x"}), "below the trial's directory")
        self.refuses(self.command(program_and, {"grace_seconds": -1}), "below the smallest value")
        self.refuses(self.command(program_and, {"comand": []}), 'did you mean "command"?')
        self.refuses(self.study(hypermodel="command"), '"command"')
        self.refuses(self.command(program_and, devices=["a"], parallel_trials=2),
                     "devices: names 1 device, and each of the 2 parallel_trials needs one")
        self.assertFalse(os.path.exists(self.path("runs/toy/trials")))

    def test_of_the_program_are_its_trials_message(self):
        study = self.command("import sys\nprint('half', file=sys.stderr)\nsys.exit('no data')",
                             max_trials=1)
        result = self.run_program("search", study, code=1)
        message = "the program ended with exit code 1: half\nno data"
        self.assertEqual(self.trials()[0]["message"], message)
        self.assertIn("the program ended with exit code 1", result.stdout + result.stderr)
        self.assertEqual(self.read("runs/toy/trials/0/0/stderr.txt"), "half\nno data\n")

    def test_a_program_that_is_not_there_or_is_one_text(self):
        self.refuses(self.command(["no-such-program"]),
                     'command[0]: "no-such-program" is no program in PATH')
        self.refuses(self.study(space=SPACE, hypermodel={
            "plugin": "command", "options": {"command": "python3 train.py"}}),
            "is a string; it should be of kind list", '["python3", "train.py"')
        self.assertFalse(os.path.exists(self.path("runs/toy/trials")))

    def test_a_line_that_comes_near_to_a_report(self):
        self.run_program("search", self.command('print({"step": 1, "loss": 0.5})', max_trials=1), code=1)
        message = self.trials()[0]["message"]
        self.assertIn("line 1 of standard output", message)
        self.assertIn("runs/toy/trials/0/0/stdout.txt", message)
        self.assertIn("names stand in double quotes", message)

    def test_a_program_without_metrics(self):
        self.run_program("search", self.command(["true"], max_trials=1), code=1)
        self.assertEqual(self.trials()[0]["state"], "failed")
        self.assertIn("loss", self.trials()[0]["message"])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


class Ends(CommandTest):
    # Says that it is there with its process and a child of its own, and then waits.
    WAITS = """
import os, subprocess, sys
child = subprocess.Popen(["sleep", "600"])
with open("pids.new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename("pids.new", "pids")
print('{"step": 1, "loss": 1}', flush=True)
"""

    def started(self, study):
        child = self.start("search", study)
        self.until(lambda: os.path.exists(self.path("pids")), "the program")
        pids = [int(word) for word in self.read("pids").split()]
        for pid in pids:
            self.assertTrue(alive(pid))
        return child, pids

    def gone(self, pids):
        self.until(lambda: not any(alive(pid) for pid in pids), f"the end of {pids}")

    def test_no_child_outlives_a_dodona_that_is_killed(self):
        child, pids = self.started(self.command(self.WAITS + "child.wait()"))
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.gone(pids)

    def test_ctrl_c_asks_and_the_trial_runs_again_another_time(self):
        study = self.command(self.WAITS + """
if not os.path.exists("again"):
    for line in sys.stdin:
        print("heard", line, end="", file=sys.stderr)
child.kill()
print('{"loss": 0.5}')""", {"grace_seconds": 60}, max_trials=1)
        child, pids = self.started(study)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        self.gone(pids)
        self.assertIn('heard {"continue": false}', self.read("runs/toy/trials/0/0/stderr.txt"))
        self.assertEqual(self.states(), ["waiting"])
        self.write("again", "")
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed"])

    def test_max_seconds_and_a_grace_end_a_program_that_does_not_listen(self):
        self.run_program("search", self.command(["sh", "-c", """
trap '' TERM; sleep 600 & echo "$$ $!" > pids; echo '{{"step": 1, "loss": 1}}'; wait; sleep 600"""],
            {"grace_seconds": 0.1}, max_seconds=2))
        self.assertEqual(self.states(), ["stopped"])
        self.assertFalse([pid for pid in self.read("pids").split() if alive(pid)])

    def test_a_stoppers_verdict_reaches_the_program(self):
        study = self.command("""
import json, os, sys
trial = int(os.environ["DODONA_TRIAL"])
for step in range(1, 9):
    print(json.dumps({"step": step, "loss": trial + 1 / step}))
    if not json.loads(sys.stdin.readline())["continue"]:
        sys.exit("told to stop")""", stopper={"plugin": "median", "options": {
            "startup_trials": 2, "warmup_steps": 2}}, max_trials=4, options={"grace_seconds": 60})
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed", "completed", "stopped", "stopped"])
        self.assertEqual(self.read("runs/toy/trials/3/0/stderr.txt"), "told to stop\n")


class Limits(CommandTest):
    # Trial 1 goes astray after its first report.
    ASTRAY = """
import os, sys, time
print('{"step": 1, "loss": 1}', flush=True)
print("last words", file=sys.stderr, flush=True)
while os.environ["DODONA_TRIAL"] == "1":
    %s
print('{"step": 2, "loss": 0.5}')
"""

    def astray(self, does, outcome, *said, **limits):
        """Trial 1 is killed at a limit, inline and in a runner alike, and the others complete."""
        found = []
        for isolation in ("inline", "process"):
            study = self.command(self.ASTRAY % does, max_trials=3, parallel_trials=2,
                                 project_name=isolation, isolation=isolation, trial_limits=limits)
            self.run_program("search", study, "--overwrite")
            trials = self.trials(f"runs/{isolation}")
            self.assertEqual([trial["state"] for trial in trials],
                             ["completed", "failed", "completed"], trials[1])
            self.assertEqual(trials[1]["outcome"], outcome)
            for text in ('hypermodel "command" ', "in trial 1 after step 1", *said):
                self.assertIn(text, trials[1]["message"])
            self.run_program("replay", f"runs/{isolation}")
            found.append(trials[1]["message"])
        return found

    def test_hold_a_program_in_time(self):
        inline, isolated = self.astray("pass", "time", "ran for more than 1.5 s", "last words",
                                       seconds=1.5)
        self.assertEqual(inline, isolated)

    def test_hold_a_program_that_is_silent(self):
        inline, isolated = self.astray("time.sleep(600)", "silence", "last words",
                                       "reported nothing for more than 1.5 s", step_seconds=1.5)
        self.assertEqual(inline, isolated)

    def test_hold_a_program_in_memory(self):
        # The memory of a process that it has started. It grows as far as it may, and then waits.
        grows = """__import__("subprocess").run([sys.executable, "-c",
        "a = bytearray(110 << 20); __import__('time').sleep(600)"])"""
        self.astray(grows, "memory", "of memory, more than 100", memory_mb=100)

    def test_hold_the_output_of_a_program(self):
        self.astray('print("x" * 100000, flush=True)', "output", "wrote more than 2 MB of output",
                    output_mb=2)

    def test_let_a_program_that_obeys_keep_its_score(self):
        for isolation in ("inline", "process"):
            study = self.command("""
import json, sys, time
for step in range(1, 1000):
    time.sleep(0.05)
    print(json.dumps({"step": step, "loss": 1 / step}), flush=True)
    if not json.loads(sys.stdin.readline())["continue"]:
        break""", max_trials=2, project_name=isolation, isolation=isolation,
                                 trial_limits={"seconds": 1})
            self.run_program("search", study)
            for trial in self.trials(f"runs/{isolation}"):
                self.assertEqual((trial["state"], trial["outcome"]), ("stopped", "ok"))
                self.assertIsNotNone(trial["score"])

    def test_need_no_store(self):
        study = self.command(self.ASTRAY % "pass", store="memory", sinks=[], max_trials=3,
                             trial_limits={"seconds": 1.5})
        result = self.run_program("search", study)
        self.assertIn("ran for more than 1.5 s", result.stdout + result.stderr)

    def test_count_the_time_of_an_interrupted_start(self):
        study = self.command("""
import os, sys, time
os.close(os.open("started", os.O_CREAT))
for step in range(int(os.environ["DODONA_START_STEP"]) + 1, 1000):
    time.sleep(0.2)
    with open(os.environ["DODONA_CHECKPOINT_DIR"] + "/state", "w") as file:
        file.write(str(step))
    print('{"step": %d, "loss": 1}' % step, flush=True)
    if "false" in sys.stdin.readline():
        break""", max_trials=1, trial_limits={"seconds": 4}, checkpoint={"steps": 1})
        child = self.start("search", study)
        self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl"))
                   and len(self.reports()) >= 5, "five reports")
        child.send_signal(signal.SIGINT)
        child.wait(program.HANG_SECONDS)
        self.run_program("search", study)
        self.assertEqual(self.states(), ["stopped"])
        # Steps take a fifth of a second at least. Without the time of the first start five more
        # would fit.
        self.assertLessEqual(max(step for _, step in self.reports()), 21)


class Checkpoints(CommandTest):
    # A walk whose every step depends on all before it, and a state that has nothing else in it.
    WALK = """
import json, os, random, sys
state = {"seed": int(os.environ["DODONA_SEED"]), "x": float(sys.argv[1])}
first = int(os.environ["DODONA_START_STEP"]) + 1
if "DODONA_RESUME_DIR" in os.environ:
    with open(os.environ["DODONA_RESUME_DIR"] + "/state") as file:
        state = json.load(file)
for step in range(first, (int(os.environ["DODONA_BUDGET"]) or 9) + 1):
    state["x"] += random.Random(state["seed"] * step).gauss(0, 1) * state["x"]
    with open(os.environ["DODONA_CHECKPOINT_DIR"] + "/state", "w") as file:
        json.dump(state, file)
    print(json.dumps({"step": step, "loss": abs(state["x"])}), flush=True)
    sys.stdin.readline()  # the state has been copied
"""

    def test_hyperband_goes_on_as_if_a_program_had_never_been_interrupted(self):
        self.run_program("search", self.command(self.WALK, max_trials=None, oracle={
            "plugin": "hyperband", "options": {"max_epochs": 9}}))
        trials, reports = self.trials(), self.reports()
        promoted = [trial for trial in trials if trial["resume_of"] is not None]
        self.assertGreater(len(promoted), 0)
        for trial in promoted:
            chain = [trial]
            while chain[0]["resume_of"] is not None:
                chain.insert(0, trials[chain[0]["resume_of"]])
            curve = {step: metrics["loss"] for part in chain
                     for (of, step), metrics in reports.items() if of == part["trial"]}
            whole = subprocess.run(
                [sys.executable, self.path("program.py"), repr(trial["values"]["x"])],
                capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, env={
                    "DODONA_SEED": str(chain[0]["seed"]), "DODONA_START_STEP": "0",
                    "DODONA_BUDGET": str(trial["budget"]), "DODONA_CHECKPOINT_DIR": self.directory})
            lines = [json.loads(line) for line in whole.stdout.splitlines()]
            self.assertEqual(curve, {line["step"]: line["loss"] for line in lines})

    def test_the_best_state_is_exported_and_trained_anew(self):
        self.run_program("search", self.command(self.WALK, max_steps=4))
        best = json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"][0]
        self.run_program("best", "runs/toy", "--export", "kept")
        self.assertEqual(abs(json.loads(self.read("kept", "state"))["x"]), best["score"])
        # The last report of a trial once was its score, and the best one's state its model.
        trials, reports = self.trials(), self.reports()
        for trial in trials:
            curve = {step: metrics["loss"] for (of, step), metrics in reports.items() if of == trial["trial"]}
            self.assertEqual(trial["score"], min(curve.values()))
            self.assertEqual(curve[trial["best_step"]], trial["score"])
        self.assertIn(True, [trial["best_step"] < 4 for trial in trials])
        self.run_program("retrain", "runs/toy", "--steps", "2", "--export", "anew")
        anew = json.loads(self.read("anew", "state"))
        self.assertEqual(abs(anew["x"]), self.reports()[best["trial"], 2]["loss"])
        self.assertEqual(sorted(os.listdir(self.path("anew"))), ["state", "trial.json"])
        self.assertFalse([name for name in os.listdir(self.directory) if name.startswith("anew.")])

    def test_a_model_written_after_the_last_report_is_whole(self):
        self.run_program("search", self.command("""
import os
directory = os.environ["DODONA_CHECKPOINT_DIR"]
for step in (1, 2):
    print('{"step": %d, "loss": %g}' % (step, 1 / step))
with open(directory + "/model", "wb") as file:
    for _ in range(50):
        file.write(bytes(100_000))
        file.flush()""", max_trials=3))
        self.run_program("best", "runs/toy", "--export", "kept")
        self.assertEqual(os.path.getsize(self.path("kept", "model")), 5_000_000)

    def test_a_program_without_checkpoints_begins_anew(self):
        self.run_program("search", self.command("""
import json, os
assert "DODONA_RESUME_DIR" not in os.environ
for step in range(int(os.environ["DODONA_START_STEP"]) + 1, int(os.environ["DODONA_BUDGET"]) + 1):
    print(json.dumps({"step": step, "loss": 1 / step}))""", max_trials=None, oracle={
            "plugin": "hyperband", "options": {"max_epochs": 3}}))
        self.assertEqual(set(self.states()), {"completed"})
        trials, reports = self.trials(), self.reports()
        for trial in trials:
            self.assertEqual(sum(of == trial["trial"] for of, _ in reports), trial["budget"])


class Devices(CommandTest):
    # Takes its slots, which nobody else may hold, and meets the others that run.
    HOLDS = """
import json, os, sys
slots = os.environ["DODONA_DEVICES"].split(",")
os.makedirs("held", exist_ok=True)
for slot in slots:
    os.close(os.open("held/" + slot, os.O_CREAT | os.O_EXCL))
print(json.dumps({"step": 1, "loss": float(sys.argv[1]), "slots": len(slots)}))
sys.stdin.readline()
for slot in slots:
    os.remove("held/" + slot)
print(os.environ.get("CUDA_VISIBLE_DEVICES", "all"), file=sys.stderr)
"""

    def visible(self):
        return [self.read(f"runs/toy/trials/{trial['trial']}/0/stderr.txt").strip()
                for trial in self.trials()]

    def test_belong_to_one_trial_at_a_time(self):
        self.run_program("search", self.command(
            self.HOLDS, devices=["cuda:0", "cuda:1", "spare"], parallel_trials=3, max_trials=24))
        self.assertEqual(set(self.states()), {"completed"})
        self.assertEqual({"0", "1", "all"}, set(self.visible()))

    def test_all_belong_to_the_only_trial(self):
        self.run_program("search", self.command(self.HOLDS, devices=["cuda:0", "cuda:1"], max_trials=2),
                         environment={"CUDA_VISIBLE_DEVICES": "4,6"})
        self.assertEqual(self.visible(), ["4,6", "4,6"])

    def test_stand_in_the_log_and_in_show(self):
        def devices(trial):
            text = self.run_program("show", "runs/toy", str(trial)).stdout
            self.assertNotIn("notes", text)  # said once
            return re.findall(r"(?m)^  devices +(.*)$", text)

        self.run_program("search", self.study(max_trials=1))
        self.assertEqual(devices(0), [])
        keys = {"sinks": ["jsonl"], "executions_per_trial": 2}
        self.run_program("search", self.study(devices=["cuda:0", "b"], max_trials=1, **keys),
                         "--overwrite")
        self.assertEqual(devices(0), ["cuda:0, b"])
        told = [event["value"] for event in self.events() if event["type"] == "noted"]
        self.assertEqual(told, ["cuda:0, b"] * 2)  # of each execution
        self.run_program("search", self.study(devices=["spare"], max_trials=2, **keys))
        self.assertEqual([devices(0), devices(1)], [["cuda:0, b"], ["spare"]])
        self.assertIn("2 proposals verified", self.run_program("replay", "runs/toy").stdout)

    def test_change_nothing_of_a_study_with_a_lag(self):
        told = []
        for parallel in (1, 3):
            self.run_program("search", self.command(
                self.HOLDS, devices=["a", "b", "c"], parallel_trials=parallel, schedule={"lag": 3},
                max_trials=9, oracle="tpe", project_name=f"p{parallel}"))
            told.append([(trial["values"], trial["score"]) for trial in self.trials(f"runs/p{parallel}")])
        self.assertEqual(*told)


if __name__ == "__main__":
    program.main()
