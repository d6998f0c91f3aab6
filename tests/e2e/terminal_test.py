#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables that fit, rows that are chosen, the pager, `show`, `list`, completion and the man page."""
import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import fcntl
import termios
import time
import unittest

import program
from screen import Screen

SPACE = [{"name": name, "type": "float", "min_value": 0, "max_value": 1}
         for name in ("learning_rate", "weight_decay", "dropout_of_hidden_layers",
                      "label_smoothing", "warmup_share", "augmentation_strength")]
SPACE += [{"name": "optimizer", "type": "choice", "values": ["adam", "sgd"]},
          {"name": "batch", "type": "fixed", "value": 64}]


class TerminalTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("wide.json", json.dumps({
            "project_name": "wide", "directory": "runs", "seed": 5, "max_trials": 12,
            "objective": "val_loss", "oracle": "random", "space": SPACE}))
        lines = []
        for trial in range(12):
            lines.append({"ask": 1})
            if trial == 7:
                lines.append({"tell": 7, "state": "failed", "message": "loss is nan\nin epoch 3"})
                continue
            for step in (1, 2, 3):
                lines.append({"report": trial, "step": step,
                              "metrics": {"val_loss": (trial - 4) ** 2 + 3 / step}})
            lines.append({"tell": trial, "metrics": {}})
        self.run_program("ask-tell", "wide.json",
                         input="".join(json.dumps(line) + "\n" for line in lines))

    def on_terminal(self, *words, columns=80, rows=24, keys="", **environment):
        """What the program writes to a terminal of that size, without escapes, and its exit code."""
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen(
            [program.PROGRAM, *words], cwd=self.directory, stdin=side, stdout=side, stderr=side,
            env={**self.environment, "TERM": "xterm", "DODONA_PAGER": "", **environment},
            start_new_session=True)
        os.close(side)
        text = b""
        end = time.monotonic() + program.HANG_SECONDS
        while time.monotonic() < end:
            if not select.select([main], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(main, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
            if keys and b":" in piece:
                os.write(main, keys.encode())
                keys = ""
        os.close(main)
        self.assertEqual(process.wait(program.HANG_SECONDS), 0, text)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.decode()).replace("\r", "")

    def test_every_table_fits_its_terminal(self):
        for columns in (60, 80, 120, 200):
            for words in (["trials", "runs/wide"], ["best", "runs/wide"], ["space", "runs/wide"],
                          ["trials", "runs/wide", "--steps"], ["trials", "runs/wide", "--explain"],
                          ["show", "runs/wide", "3"], ["explain", "runs/wide"],
                          ["list", "runs"], ["plugins"]):
                with self.subTest(words=words, columns=columns):
                    text = self.on_terminal(*words, columns=columns)
                    self.assertTrue(text)
                    widest = max(text.splitlines(), key=len)
                    self.assertLessEqual(len(widest), columns, widest)

    def test_nothing_is_lost_where_a_table_is_narrow(self):
        values = json.loads(self.run_program("trials", "runs/wide", "--json").stdout)["trials"]
        text = self.on_terminal("trials", "runs/wide", columns=80)
        for trial in values:
            self.assertRegex(text, rf"(?m)^trial +{trial['trial']}$")
            for value in trial["values"].values():
                self.assertIn(f"{value:.6g}" if isinstance(value, float) else str(value), text)
        self.assertRegex(self.on_terminal("trials", "runs/wide", columns=200),
                         r"all have (.*, )?batch 64")

    def test_a_pipe_gets_the_whole_table(self):
        rows = self.run_program("trials", "runs/wide").stdout.splitlines()
        self.assertEqual(len(rows), 13)
        self.assertIn("batch", rows[0])

    def test_rows_are_chosen_and_sorted(self):
        def trials(*words):
            text = self.run_program("trials", "runs/wide", *words, "--json").stdout
            return [each["trial"] for each in json.loads(text)["trials"]]

        self.assertEqual(trials("-n", "3"), [9, 10, 11])
        self.assertEqual(trials("--state", "failed"), [7])
        self.assertEqual(trials("--state", "failed,completed"), list(range(12)))
        self.assertEqual(trials("--sort", "score", "-n", "3"), [4, 3, 5])
        self.assertEqual(trials("--sort=-score", "-n", "1"), [11])
        self.assertEqual(trials("--where", "val_loss < 3 and state == 'completed'"), [3, 4, 5])
        self.assertEqual(trials("--where", "trial >= 10 or trial == 0"), [0, 10, 11])
        text = self.run_program("trials", "runs/wide", "--columns", "trial,score,optimizer",
                                "-n", "1").stdout
        self.assertEqual(text.split()[:3], ["trial", "score", "optimizer"])
        best = json.loads(self.run_program("best", "runs/wide", "--where", "trial > 5",
                                           "--json").stdout)["trials"]
        self.assertEqual(best[0]["trial"], 6)
        csv = self.run_program("trials", "runs/wide", "--steps", "--where", "trial == 2", "--csv")
        self.assertEqual(len(csv.stdout.splitlines()), 4)

    def test_mistakes_in_a_choice_are_named(self):
        for words, *fragments in (
                (["--where", "learnin_rate < 1"], "--where", 'did you mean "learning_rate"?'),
                (["--where", "learning_rate <"], "--where"),
                (["--where", "optimizer < 3"], "--where"),
                (["--sort", "scor"], "--sort", 'did you mean "score"?'),
                (["--columns", "trial,lr"], "--columns: no trial has"),
                (["--state", "faild"], "--state", 'did you mean "failed"?'),
                (["-n", "x"], "no whole number")):
            with self.subTest(words):
                error = self.run_program("trials", "runs/wide", *words, code=2).stderr
                for fragment in fragments:
                    self.assertIn(fragment, error)

    def test_show_tells_all_of_a_trial(self):
        text = self.run_program("show", "runs/wide", "3").stdout
        self.assertTrue(text.startswith("trial 3: completed\n"), text)
        self.assertRegex(text, r"val_loss +2, at step 3")
        self.assertRegex(text, r"val_loss +\u2588\S+\u2581  4 to 2")
        self.assertRegex(text, r"learning_rate +0\.\d+")
        self.assertRegex(text, r"values from +the oracle")
        failed = self.run_program("show", "runs/wide", "7").stdout
        self.assertIn("message\n  loss is nan\n  in epoch 3\n", failed)
        document = json.loads(self.run_program("show", "runs/wide", "3", "--json").stdout)
        self.assertEqual(document["trial"], 3)
        self.assertIn("the last one is 11",
                      self.run_program("show", "runs/wide", "12", code=2).stderr)

    def test_list_finds_studies_below(self):
        os.makedirs(self.path("runs", "deep", "er"))
        shutil.copytree(self.path("runs", "wide"), self.path("runs", "deep", "er", "copy"))
        os.makedirs(self.path("runs", "broken"))
        self.write("runs/broken/study.db", "no database")
        text = self.run_program("list", "runs").stdout
        self.assertRegex(text, r"runs/wide +nobody searches +12/12 +1 +1 +4")
        self.assertIn("runs/deep/er/copy", text)
        self.assertRegex(text, r"runs/broken +cannot be read")
        studies = json.loads(self.run_program("list", "runs", "--json").stdout)["studies"]
        self.assertEqual(len(studies), 3)
        os.makedirs(self.path("empty"))
        self.assertIn("no study in empty", self.run_program("list", "empty").stderr)

    def test_long_output_goes_through_a_pager(self):
        shown = self.on_terminal("trials", "runs/wide", DODONA_PAGER="sed s/trial/PAGED/")
        self.assertIn("PAGED", shown)
        # Not where it fits, not into a pipe, and not where the pager is missing.
        self.assertNotIn("PAGED", self.on_terminal("trials", "runs/wide", columns=250, rows=60,
                                                   DODONA_PAGER="sed s/trial/PAGED/"))
        piped = self.run_program("trials", "runs/wide",
                                 environment={"DODONA_PAGER": "sed s/trial/PAGED/"}).stdout
        self.assertNotIn("PAGED", piped)
        self.assertIn("trial", self.on_terminal("trials", "runs/wide", DODONA_PAGER="nothere-pager"))

    def test_completion_and_man_page_have_every_command(self):
        commands = re.findall(r"(?m)^  ([a-z][a-z-]*) +[A-Z]", self.run_program("--help").stdout)
        self.assertIn("search", commands)
        page = self.run_program("man").stdout
        for command in commands:
            self.assertIn(".SS dodona " + command.replace("-", "\\-") + "\n", page)
        for shell in ("bash", "zsh", "fish"):
            script = self.run_program("completion", shell).stdout
            for command in commands:
                self.assertIn(command, script)
        self.run_program("completion", "tcsh", code=2)
        if shutil.which("man"):
            self.write("dodona.1", page)
            checked = subprocess.run(["man", "--warnings", "-l", self.path("dodona.1")],
                                     capture_output=True, text=True, timeout=program.HANG_SECONDS)
            self.assertEqual(checked.stderr, "")

    def complete(self, line):
        self.write("complete.bash", self.run_program("completion", "bash").stdout)
        words = line.split(" ")
        script = "source complete.bash; COMP_WORDS=(" + " ".join(w or "''" for w in words) + "); "
        script += f"COMP_CWORD={len(words) - 1}; _dodona; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return subprocess.run(["bash", "-c", script], cwd=self.directory, capture_output=True,
                              text=True, timeout=program.HANG_SECONDS).stdout.split()

    def test_bash_completes(self):
        self.assertEqual(self.complete("dodona sea"), ["search"])
        self.assertIn("--where", self.complete("dodona trials --wh"))
        self.assertIn("describe", self.complete("dodona plugins des"))
        self.assertIn("wide.json", self.complete("dodona search wi"))
        self.assertEqual(self.complete("dodona plugins describe --js"), [])


    def complete_by_fish(self, line):
        self.write("dodona.fish", self.run_program("completion", "fish").stdout)
        result = subprocess.run(
            ["fish", "--no-config", "-c", f"source dodona.fish; complete -C '{line}'"],
            cwd=self.directory, env=self.environment, capture_output=True, text=True,
            timeout=program.HANG_SECONDS)
        self.assertEqual(result.stderr, "")
        return [answer.split("\t")[0] for answer in result.stdout.splitlines()]

    @unittest.skipUnless(shutil.which("fish"), "there is no fish (Debian: fish)")
    def test_fish_completes(self):
        self.assertEqual(self.complete_by_fish("dodona sea"), ["search"])
        self.assertEqual(self.complete_by_fish("dodona trials --wh"), ["--where"])
        self.assertEqual(self.complete_by_fish("dodona plugins des"), ["describe"])
        self.assertIn("wide.json", self.complete_by_fish("dodona search wi"))

    def complete_by_zsh(self, line):
        """What stands on the line of an interactive zsh after the tabulator."""
        main, side = pty.openpty()
        shell = subprocess.Popen(["zsh", "-f", "-i"], cwd=self.directory, stdin=side, stdout=side,
                                 stderr=side, env={**self.environment, "TERM": "dumb"},
                                 start_new_session=True)
        os.close(side)
        text = ""

        def until(pattern):
            nonlocal text
            end = time.monotonic() + program.HANG_SECONDS
            while not re.search(pattern, text):
                self.assertLess(time.monotonic(), end, f"{pattern} never came: {text!r}")
                if select.select([main], [], [], 0.1)[0]:
                    text += os.read(main, 65536).decode()

        os.write(main, b"PS1=; fpath=($PWD/site $fpath); autoload -U compinit; compinit -u -D; "
                       b"print rea''dy\n")
        until("ready")
        # After the tabulator the whole line goes to a file.
        os.write(main, b"write() { print -r -- $BUFFER > line; print do''ne }; zle -N write; "
                       b"bindkey '^X' write; print bou''nd\n")
        until("bound")
        os.write(main, line.encode() + b"\t\x18")
        until("done")
        os.write(main, b"\x15exit\n")
        shell.wait(program.HANG_SECONDS)
        os.close(main)
        return self.read("line").rstrip("\n")

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh (Debian: zsh)")
    def test_zsh_completes(self):
        os.mkdir(self.path("site"))
        self.write("site/_dodona", self.run_program("completion", "zsh").stdout)
        for line, whole in (("dodona sea", "dodona search "),
                            ("dodona trials --wh", "dodona trials --where "),
                            ("dodona plugins des", "dodona plugins describe "),
                            ("dodona search wi", "dodona search wide.json ")):
            self.assertEqual(self.complete_by_zsh(line), whole.rstrip("\n"))


class LiveView(program.ProgramTest):
    """A search of three trials, of which the last one waits for the gate."""
    FIRST = "searching for the best loss (min) of toy: oracle random, 3 trials, 1 in parallel"
    WAITS = r"trial 2  .*step 2"

    def setUp(self):
        super().setUp()
        self.study(max_trials=3, options={"steps": 3, "gate": self.path("gate"), "gate_from": 2,
                                          "fail": [1]})

    def watch(self, columns, *others, rows=24, wraps_again=True):
        """The screen at the end of a search whose terminal gets other widths while the last trial
        waits."""
        screen = Screen(columns, rows, wraps_again)
        main, side = pty.openpty()

        def resize(columns):
            fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

        resize(columns)
        process = subprocess.Popen(
            [program.PROGRAM, "search", "study.json", "--overwrite"], cwd=self.directory,
            stdin=side, stdout=side, stderr=side, start_new_session=True,
            env={**self.environment, "TERM": "xterm", "XTERM_VERSION": "" if wraps_again else "x"})

        def frame(condition=lambda: True):
            """Reads until a frame has come and the condition holds; the program sleeps then."""
            end = time.monotonic() + program.HANG_SECONDS
            while time.monotonic() < end:
                if select.select([main], [], [], 0.1)[0]:
                    text = os.read(main, 65536).decode()
                    screen.feed(text)
                    if text.endswith("\x1b[?25h") and condition():
                        return
            self.fail(f"never came: {screen.text()}")

        frame(lambda: any(re.match(self.WAITS, line) for line in screen.text()))
        for columns in others:
            screen.resize(columns)
            resize(columns)
            process.send_signal(signal.SIGWINCH)
            frame()
            frame()
            self.check_frame(screen, columns)
        self.write("gate", "")
        os.close(side)
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(main, 65536):
                screen.feed(piece.decode())
        os.close(main)
        os.remove(self.path("gate"))
        self.assertEqual(process.wait(program.HANG_SECONDS), 0)
        return re.sub(r"\d+(\.\d+)? m?s\b|\d+:\d\d\b", "TIME", "\n".join(screen.text()))

    def check_frame(self, screen, columns):
        """The frame is there once, as the last thing on the screen, and fits."""
        *final, trial, search, empty = screen.text()
        self.assertEqual(empty, "")
        self.assertTrue(trial.startswith("trial 2  "), screen.text())
        self.assertTrue(search.startswith("2/3 trials, best"), screen.text())
        self.assertLess(max(len(trial), len(search)), columns)
        self.assertFalse([line for line in final if re.match(self.WAITS + "|2/3", line)])

    def test_shows_what_is_tried_and_takes_it_away_at_the_end(self):
        text = self.watch(100)
        self.assertTrue(text.startswith(self.FIRST + "\ntrial 0 completed: loss "), text)
        self.assertRegex(text, r"(?m)^trial 1 failed: the toy broke in trial 1$")
        self.assertRegex(text, r"(?m)^trial 2 completed: .*optimizer \w+")
        self.assertNotRegex(text, "(?m)^2/3 trials|^trial 2  ")
        self.assertRegex(text, r"\nbest loss .*\n$")

    def test_another_width_leaves_no_debris_and_cuts_nothing(self):
        steady = self.watch(100)
        # Narrower, so that each line of the frame is wrapped to several; wider; both.
        self.assertEqual(self.watch(100, 40, 25, 70, 120, 31, 100), steady)
        self.assertEqual(self.watch(40, 100), steady)

    def test_a_line_as_long_as_the_terminal_is_wide_keeps_its_end(self):
        self.assertTrue(self.watch(len(self.FIRST), rows=8).startswith(self.FIRST + "\n"))

    def test_a_terminal_that_does_not_wrap_again_keeps_what_stands_above(self):
        wide = self.watch(120, 40, 25, wraps_again=False).splitlines()
        self.assertEqual(wide[0], self.FIRST[:25])
        self.assertTrue(wide[1].startswith("trial 0 completed: loss "), wide)


if __name__ == "__main__":
    unittest.main()
