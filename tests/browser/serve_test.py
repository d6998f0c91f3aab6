# SPDX-License-Identifier: Apache-2.0
"""`dodona serve`: a page that follows a study while it runs.

With DODONA_SCREENSHOTS=DIRECTORY it leaves pictures there.
"""
import os
import re
import subprocess
import sys

import browser
import studies

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import program

PICTURES = os.environ.get("DODONA_SCREENSHOTS")


class ServeTest(program.ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def serve(self, *words):
        child = subprocess.Popen([program.PROGRAM, "serve", "runs", "--port", "0", *words],
                                 cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, text=True)

        def end():
            child.terminate()
            child.communicate()

        self.addCleanup(end)
        return re.search(r"http://[^;\s]+", child.stdout.readline()).group()

    def told(self):
        """A study that runs, with 12 trials."""
        told = studies.Told(self.directory, self.environment, "live", studies.SPACE)
        self.tell(told, 12)
        return told

    @staticmethod
    def tell(told, trials, **metrics):
        for _ in range(trials):
            trial = told.ask()
            for step in (1, 2, 3):
                loss = metrics.get("loss", studies.loss_of(trial["values"], step))
                told.say(report=trial["trial"], step=step, metrics={"loss": loss})
            told.say(tell=trial["trial"])

    def picture(self, name):
        if PICTURES:
            self.browser.screenshot(os.path.join(PICTURES, name + ".png"))

    def until_fact(self, pattern):
        self.browser.until("const facts = document.getElementById('facts');"
                           "return facts && new RegExp(arguments[0]).test(facts.textContent)", pattern)

    def rows(self):
        return self.browser.run("return [...document.querySelectorAll('#rows tbody tr[data-trial]')]"
                                ".map((row) => Number(row.dataset.trial))")

    def test_a_page_follows_a_study_that_runs(self):
        told = self.told()
        page = self.browser
        page.open(self.serve())
        page.until("return document.querySelector('#studies a')")
        self.assertIn("searches", page.text("#studies"))
        self.assertIn("12/1000", page.text("#studies"))
        self.picture("list")
        page.click("#studies a")
        self.until_fact("^12 trials .* searches")
        page.until("return document.getElementById('importance') !== null")
        page.until("return document.documentElement.dataset.drawn === 'all'")
        page.run("window.wasHere = true")
        self.tell(told, 3, loss=0.001)
        self.until_fact(r"^15 trials · best loss 0\.001 \(trial 12\) · searches")
        page.until("return document.querySelector('#best-trial').value === '12'")
        page.until("return document.querySelectorAll('#rows tbody tr[data-trial]').length === 15")
        self.assertEqual(page.run("return window.wasHere"), True)

        # Whoever works in a view is not disturbed.
        page.type("#filter", "loss<0.002")
        page.until("return document.querySelectorAll('#rows tbody tr[data-trial]').length === 3")
        self.tell(told, 1)
        self.until_fact("^16 trials")
        page.until("return !document.getElementById('offer').hidden")
        self.assertEqual(len(self.rows()), 3)
        page.click("#offer")
        page.until("return document.querySelectorAll('#rows tbody tr[data-trial]').length === 16")

        # No token, no action.
        self.assertIsNone(page.run("return document.getElementById('actions')"))
        told.end()
        self.until_fact("nobody searches")
        stored = self.timed_trials("runs/live")
        page.run("location.hash = 'trial-12'")
        page.until("return document.getElementById('trial').open")
        self.assertIn(str(stored[12]["seed"]), page.text("#trial"))
        self.picture("live")
        self.assertEqual(page.log(), [])

    def test_a_page_begins_with_a_study_that_has_nothing_yet(self):
        told = studies.Told(self.directory, self.environment, "live", studies.SPACE,
                            objective=["loss", {"name": "size", "direction": "min"}])
        self.write("err", "")
        self.until(lambda: os.path.exists(self.path("runs/live/study.db")), "the study")
        page = self.browser
        page.open(self.serve() + "study/live/")
        self.until_fact("^0 trials .* searches")
        for count in range(8):
            trial = told.ask()
            told.say(tell=trial["trial"], metrics={"loss": 8 - count, "size": count % 3})
        self.until_fact("^8 trials · best loss 1 ")
        page.until("return document.getElementById('front') !== null")
        page.until("return document.querySelectorAll('#rows tbody tr[data-trial]').length === 8")
        ranks = {trial["trial"]: trial["rank"] for trial in self.timed_trials("runs/live")}
        head = page.texts("#rows th")
        place = [name.rstrip(" ▲▼") for name in head].index("rank")
        shown = page.run("return [...document.querySelectorAll('#rows tbody tr[data-trial]')].map("
                         "(row) => [Number(row.dataset.trial), Number(row.cells[arguments[0]]"
                         ".textContent)])", place)
        self.assertEqual(dict(shown), ranks)
        told.end()
        self.assertEqual(page.log(), [])

    def test_values_are_tried_and_a_trial_is_stopped(self):
        told = self.told()
        trial = told.ask()
        page = self.browser
        page.open("about:blank")
        page.open(self.serve("--allow-actions"))
        page.until("return document.querySelector('#studies a')")
        self.assertNotIn("token", page.run("return location.href"))
        page.click("#studies a")
        self.until_fact("^13 trials")
        page.until("return document.documentElement.dataset.drawn === 'all'")
        page.run("location.hash = 'trial-12'")
        page.until("return document.getElementById('stop-trial')")
        page.click("#stop-trial")
        self.picture("action")
        page.click("#confirm")
        page.until("return /stops at its next report/.test(document.querySelector('#action .notice')"
                   ".textContent)")
        page.until("return !document.getElementById('action')")
        self.assertFalse(told.say(report=trial["trial"], step=1, metrics={"loss": 2.0})["continue"])
        told.say(tell=trial["trial"], state="stopped")
        page.click("#close")

        page.click("#enqueue")
        page.run("document.querySelector('#action textarea').value = '{\"units\": 77}'")
        page.click("#confirm")
        page.until("return /next trial/.test(document.querySelector('#action .notice').textContent)")
        self.assertEqual(told.ask()["values"]["units"], 77)
        told.end()
        self.assertEqual(page.log(), [])


if __name__ == "__main__":
    if not browser.is_there():
        print("skipped 'there is no chromium with chromedriver'")
        sys.exit(77)
    if "built without" in subprocess.run([program.PROGRAM, "report", "none", "-o", "none"],
                                         capture_output=True, text=True).stderr:
        print("skipped 'the program was built without serve'")
        sys.exit(77)
    program.main()
