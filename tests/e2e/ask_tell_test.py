#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dodona ask-tell: every request and error, ends of all kinds, every oracle, and the sample."""
import json
import os
import signal
import subprocess
import sys
import unittest

import program

X = {"name": "x", "type": "float", "min_value": 0, "max_value": 1}
SAMPLE = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", "ask_tell_python")


class Client:
    """`dodona ask-tell` and its pipes."""

    def __init__(self, test, *words):
        self.test = test
        self.child = subprocess.Popen(
            [program.PROGRAM, "ask-tell", "study.json", *words], cwd=test.directory,
            env=test.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        test.addCleanup(self.close)

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()

    def send(self, line):
        self.child.stdin.write(line if isinstance(line, bytes) else line.encode())
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        self.test.assertTrue(answer.endswith(b"\n"), answer)
        return json.loads(answer)

    def __call__(self, **request):
        return self.send(json.dumps(request))

    def ask(self, count=1):
        return self(ask=count)["trials"]

    def refused(self, line, key, *fragments):
        answer = self.send(line)
        self.test.assertEqual(list(answer), ["error", "key"], answer)
        self.test.assertEqual(answer["key"], key, answer)
        for fragment in fragments:
            self.test.assertIn(fragment, answer["error"])

    def end(self, code=0):
        out, err = self.child.communicate(timeout=program.HANG_SECONDS)
        self.test.assertEqual((self.child.returncode, out), (code, b""), err)
        return err.decode()


class AskTell(program.ProgramTest):
    def study(self, **keys):
        keys = {"hypermodel": {"plugin": "nobody_has_it"}, "space": [X], "max_trials": 4, **keys}
        return super().study(**keys)

    def client(self, *words, **keys):
        self.study(**keys)
        return Client(self, *words)

    def test_a_conversation(self):
        client = self.client(sinks=["jsonl"], space=[X, {"name": "n", "type": "int", "min_value": 1,
                                                         "max_value": 9}])
        first, second = client.ask(2)
        self.assertEqual(list(first), ["trial", "values", "seed", "start_step", "budget",
                                       "resume_of", "directory"])
        self.assertEqual((first["trial"], second["trial"]), (0, 1))
        self.assertEqual(list(first["values"]), ["x", "n"])
        self.assertIs(type(first["values"]["n"]), int)
        self.assertEqual((first["start_step"], first["budget"], first["resume_of"]), (0, 0, None))
        self.assertEqual(first["directory"], self.path("runs", "toy", "trials", "0"))
        self.assertTrue(os.path.isdir(first["directory"]))
        for step, loss in ((1, 0.5), (2, 0.25), (3, 0.75)):
            self.assertEqual(client(report=1, step=step, metrics={"loss": loss, "more": step}),
                             {"continue": True})
        self.assertEqual(client(tell=1, state="stopped"), {"ok": True})
        self.assertEqual(client(tell=0, metrics={"loss": 0.5}), {"ok": True})
        self.assertEqual(client(best=5), {"trials": [
            {"trial": 1, "values": second["values"], "score": 0.25},
            {"trial": 0, "values": first["values"], "score": 0.5}]})
        self.assertEqual(len(client(best=1)["trials"]), 1)
        self.assertEqual([trial["trial"] for trial in client.ask(9)], [2, 3])
        self.assertEqual(client(ask=1), {"exhausted": True})
        self.assertEqual(client(tell=2, state="failed", message="no memory"), {"ok": True})
        self.assertEqual(client(tell=3, state="completed", metrics={"loss": None}), {"ok": True})
        self.assertEqual(client.end(), "")
        trials = self.trials()
        self.assertEqual(self.states(), ["completed", "stopped", "failed", "invalid"])
        self.assertEqual((trials[1]["best_step"], trials[2]["message"], trials[0]["seed"]),
                         (2, "no memory", str(first["seed"])))
        self.assertEqual(trials[1]["metrics"], {"loss": 0.25, "more": 2.0})
        self.assertFalse(os.path.exists(first["directory"]))  # nothing was put there
        kinds = [event["type"] for event in self.events()]
        self.assertEqual(kinds.count("finished"), 4)

    def test_whatever_is_wrong_is_answered_and_it_goes_on(self):
        client = self.client()
        client.ask(2)
        client(report=0, step=5, metrics={"loss": 1})
        for line, key, *fragments in (
                ("", "", "request:1:1"),
                ("{", "", "request:1:2"),
                ('{"ask": 1', "", "request:1:"),
                ('{"ask": 1} {"ask": 1}', "", "request:1:12"),
                (b'{"ask": "\xff\x00"}', "", "request:1:"),
                ("[" * 1000, "", "request:1:"),
                ("[1]", "", "a list", "an object"),
                ("{}", "", "ask, report, tell or best"),
                ('{"aks": 1}', "aks", 'did you mean "ask"'),
                ('{"ask": 1, "best": 1}', "best", "one of"),
                ('{"ask": 1, "ask": 2}', "", "ask"),
                ('{"ask": 0}', "ask", "from 1 to 1000"),
                ('{"ask": -1}', "ask", "is -1"),
                ('{"ask": 1001}', "ask", "1001"),
                ('{"ask": 1.0}', "ask", "an integer"),
                ('{"ask": true}', "ask", "an integer"),
                ('{"ask": 1, "count": 2}', "count", "no key"),
                ('{"best": 0}', "best", "from 1 up"),
                ('{"best": 99999999999999999999}', "", "request:1:10"),
                ('{"report": 0, "metrics": {"loss": 1}}', "step", "is missing"),
                ('{"report": 0, "step": 6}', "metrics", "is missing"),
                ('{"report": 0, "step": "6", "metrics": {}}', "step", "a string"),
                ('{"report": 0, "step": 5, "metrics": {"loss": 1}}', "step", "after step 5"),
                ('{"report": 0, "step": 6, "metrics": [1]}', "metrics", "a list"),
                ('{"report": 0, "step": 6, "metrics": {"loss": "low"}}', "metrics.loss",
                 "a string", "a number"),
                ('{"report": 0, "step": 6, "metrics": {"": 1}}', 'metrics[""]', "no name"),
                ('{"report": 7, "step": 6, "metrics": {}}', "report", "trial 7", "never asked"),
                ('{"tell": 7, "metrics": {"loss": 1}}', "tell", "trial 7", "never asked"),
                ('{"tell": "0", "metrics": {"loss": 1}}', "tell", "an integer"),
                ('{"tell": 1, "metrics": {"los": 1}}', "metrics", '"loss"', '"los"'),
                ('{"tell": 1}', "metrics", '"loss"'),
                ('{"tell": 1, "state": "complete"}', "state", 'did you mean "completed"'),
                ('{"tell": 1, "state": 3}', "state", "an integer"),
                ('{"tell": 1, "metrics": {"loss": 1}, "message": "so"}', "message", "completed"),
                ('{"tell": 1, "metrics": {"loss": 1}, "mesage": "so"}', "mesage", "message"),
                ('{"ask": "' + "x" * 2**21 + '"}', "", "1 MiB")):
            with self.subTest(line=line[:60]):
                client.refused(line, key, *fragments)
        self.assertEqual(client(tell=0, metrics={}), {"ok": True})  # of its report
        self.assertEqual(client.send('\t{"tell": 1, "metrics": {"loss": -Infinity}}\r'),
                         {"ok": True})
        for request in ("tell", "report"):
            client.refused(json.dumps({request: 0, "step": 6, "metrics": {"loss": 1}}
                                      if request == "report" else
                                      {request: 0, "metrics": {"loss": 1}}),
                           request, "trial 0 has ended")
        self.assertEqual(client.end(), "")
        self.assertEqual(self.states(), ["completed", "invalid"])

    def test_a_last_line_without_an_end_is_answered(self):
        self.study()
        result = subprocess.run(
            [program.PROGRAM, "ask-tell", "study.json"], cwd=self.directory, env=self.environment,
            input=b'{"ask": 1}\n{"ask": 1}', capture_output=True, timeout=program.HANG_SECONDS)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual([json.loads(line)["trials"][0]["trial"]
                          for line in result.stdout.splitlines()], [0, 1])

    def test_standard_output_has_answers_alone(self):
        client = self.client("--plugin-path", program.BAD_PLUGINS, sinks=["throws_in_consume"])
        for trial in range(4):
            self.assertEqual(client.ask()[0]["trial"], trial)
            self.assertEqual(client(tell=trial, metrics={"loss": 1}), {"ok": True})
        self.assertIn("the sink talks\n", client.end())

    def test_kill_between_ask_and_tell_loses_nothing(self):
        client = self.client()
        asked = client.ask(3)
        client(report=0, step=1, metrics={"loss": 0.1})
        client(tell=1, metrics={"loss": 0.5})
        client.child.kill()
        client.child.wait()
        self.assertEqual(self.states(), ["waiting", "completed", "waiting"])
        again = Client(self)
        self.assertEqual(again.ask(), [asked[0]])
        # Its report of before counts no more, and the steps begin anew.
        again.refused('{"tell": 0}', "metrics", "reported nothing")
        self.assertEqual(again(report=0, step=1, metrics={"loss": 0.3}), {"continue": True})
        # A trial that was asked for before may be told at once.
        self.assertEqual(again(tell=2, metrics={"loss": 0.4}), {"ok": True})
        self.assertEqual(again.ask()[0]["trial"], 3)
        self.assertEqual(again(tell=0), {"ok": True})
        self.assertEqual(again(ask=1), {"exhausted": True})
        again.end()
        self.assertEqual([trial["score"] for trial in self.trials()], [0.3, 0.5, 0.4, None])
        # It is the same study that an uninterrupted client gets.
        whole = self.client(project_name="whole")
        self.assertEqual([trial["values"] for trial in whole.ask(4)],
                         [trial["values"] for trial in self.trials()])

    def test_interrupted_it_saves_and_goes_on(self):
        client = self.client()
        asked = client.ask(2)
        client(tell=1, metrics={"loss": 0.5})
        client.child.send_signal(signal.SIGINT)
        self.assertIn("interrupted", client.end(130))
        again = Client(self)
        self.assertEqual(again.ask(), [asked[0]])
        self.assertEqual(again.ask()[0]["trial"], 2)
        again.end()

    def test_a_study_has_one_owner(self):
        client = self.client()
        client.ask()
        self.refused(1, ["ask-tell", "study.json"], "runs/toy/study.lock",
                     f"is locked by process {client.child.pid} on host {os.uname().nodename}")
        self.assertEqual(self.states(), ["running"])  # but anybody may read
        client.end()

    def test_enqueued_values_come_first_and_limits_hold(self):
        client = self.client(initial=[{"x": 0.5}], max_steps=3, store="memory")
        trial = client.ask()[0]
        self.assertEqual((trial["values"], trial["budget"], trial["directory"]),
                         ({"x": 0.5}, 3, None))
        client.end()
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_a_stopper_ends_a_trial(self):
        client = self.client(stopper={"plugin": "patient", "options": {"patience": 2}})
        client.ask()
        answers = [client(report=0, step=step, metrics={"loss": 1})["continue"]
                   for step in range(1, 6)]
        self.assertEqual(answers, sorted(answers, reverse=True))
        self.assertEqual((answers[0], answers[-1]), (True, False))
        self.assertEqual(client(tell=0, state="stopped"), {"ok": True})
        client.end()
        self.assertEqual(self.states(), ["stopped"])

    def test_wrong_studies_are_refused_before_anything_is_written(self):
        for keys, *fragments in (({"space": []}, "study.json:1:1", "space is missing"),
                                 ({"oracle": "nobody"}, "nobody")):
            self.study(**keys)
            self.refused(3 if "oracle" in keys else 2, ["ask-tell", "study.json"], *fragments)
        self.study(initial=[{"y": 1}])
        self.refused(2, ["ask-tell", "study.json"], 'no hyperparameter "y"')
        self.assertIn('{"ask": 2}', self.run_program("ask-tell", "--help").stdout)

    def test_every_oracle(self):
        listed = json.loads(self.run_program("plugins", "--json").stdout)["plugins"]
        oracles = [plugin["name"] for plugin in listed if plugin["role"] == "oracle"
                   and plugin["name"] not in ("asha", "median", "patient")
                   and plugin["path"].startswith(os.path.join(program.BUILD, "lib"))]
        self.assertIn("random", oracles)
        space = [{**X, "step": 0.25}, {"name": "kind", "type": "choice", "values": ["a", "b"]}]
        for oracle in oracles:
            with self.subTest(oracle=oracle):
                self.talk_to(oracle, space)

    def talk_to(self, oracle, space):
        """To the end of the study, with two trials out at a time and a restart on the way."""
        options = {"max_epochs": 9} if oracle == "hyperband" else {}
        client = self.client(oracle={"plugin": oracle, "options": options}, space=space,
                             project_name=oracle, max_trials=14)
        out, told, restarts = [], 0, 0
        while True:
            answer = client(ask=1)
            if "trials" in answer and len(out) < 2:
                out += answer["trials"]
                continue
            out += answer.get("trials", [])
            if not out:
                self.assertEqual(answer, {"exhausted": True})
                break
            trial = out.pop(0)
            loss = abs(trial["values"]["x"] - 0.3) + (trial["values"]["kind"] == "a")
            for step in range(1, trial["budget"] + 1):  # from the first one on
                client(report=trial["trial"], step=step, metrics={"loss": loss + 1 / step})
            metrics = {} if trial["budget"] else {"loss": loss}
            self.assertEqual(client(tell=trial["trial"], metrics=metrics), {"ok": True})
            told += 1
            if told == 5:
                client.end()
                client, restarts = Client(self), restarts + 1
                self.assertEqual(client.ask(len(out)), out) if out else None
        client.end()
        self.assertEqual(restarts, 1)
        self.assertEqual(self.states(f"runs/{oracle}"), ["completed"] * told)
        self.assertGreaterEqual(told, 10)

    def test_the_sample(self):
        with open(os.path.join(SAMPLE, "study.json"), encoding="utf-8") as file:
            self.write("study.json", file.read())
        run = subprocess.run(
            [sys.executable, "-B", os.path.join(SAMPLE, "tune.py"), "study.json", program.PROGRAM],
            cwd=self.directory, env=self.environment, capture_output=True, text=True,
            timeout=program.HANG_SECONDS)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        best = json.loads(run.stdout.removeprefix("best: "))
        trials = self.trials("runs/bowl")
        self.assertEqual(len(trials), 30)
        scores = [trial["score"] for trial in trials]
        self.assertEqual(best["score"], min(score for score in scores if score is not None))
        self.assertLess(best["score"], 0.1)  # the worst of 10 seeds: 0.01


if __name__ == "__main__":
    program.main()
