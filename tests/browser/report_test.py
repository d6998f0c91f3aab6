# SPDX-License-Identifier: Apache-2.0
"""`dodona report`: the page in a browser shows what the store has, and obeys mouse and keyboard.

With DODONA_SCREENSHOTS=DIRECTORY it leaves pictures there.
"""
import json
import os
import sys

import browser
import studies

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import program

PICTURES = os.environ.get("DODONA_SCREENSHOTS")
ROWS = """return [...document.querySelectorAll('#rows tbody tr[data-trial]')].map(
    (row) => [...row.cells].map((cell) => cell.textContent))"""
HEAD = "return [...document.querySelectorAll('#rows th')].map((head) => head.textContent)"


class PageTest(program.ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def report(self, *directories, code=0):
        """Writes the page of studies, and opens it."""
        self.run_program("report", *directories, "-o", "report.html", code=code)
        self.browser.resize(1200, 900)
        self.browser.open("file://" + self.path("report.html"))
        self.browser.run("localStorage.clear()")
        self.browser.open("file://" + self.path("report.html"))
        self.browser.until("return document.documentElement.dataset.drawn === 'all'")
        return self.browser

    def picture(self, name):
        if PICTURES:
            self.browser.screenshot(os.path.join(PICTURES, name + ".png"))

    def check_console(self):
        self.assertEqual(self.browser.log(), [])
        self.assertIsNone(self.browser.run("return window.harmed || null"))

    def rows(self):
        """The table's rows as dicts of text."""
        head = [name.rstrip(" ▲▼") for name in self.browser.run(HEAD)]
        return [dict(zip(head, row)) for row in self.browser.run(ROWS)]

    def check_value(self, shown, value, what):
        """A text of the page against a value of the store."""
        if value is None:
            self.assertEqual(shown, "", what)
        elif isinstance(value, bool):
            self.assertEqual(shown, str(value).lower(), what)
        elif isinstance(value, (int, float)):
            self.assertEqual(float(shown), value, what)
        else:
            self.assertEqual(shown, value, what)


class Values(PageTest):
    def test_the_page_shows_what_the_store_has(self):
        project = studies.conditional(self.directory, self.environment, 30, running=2)
        page = self.report(project)
        trials = self.timed_trials(project)
        rows = self.rows()
        self.assertEqual(len(rows), len(trials))
        for row, trial in zip(rows, trials):
            what = f"trial {trial['trial']}"
            self.check_value(row["trial"], trial["trial"], what)
            self.check_value(row["state"], trial["state"], what)
            self.check_value(row["loss"], trial["score"], what)
            self.check_value(row["accuracy"], trial["metrics"].get("accuracy"), what)
            self.check_value(row["message"], trial["message"] or "", what)
            for name in ("lr", "units", "batch", "optimizer", "momentum", "norm"):
                self.check_value(row[name], trial["values"].get(name), f"{what} {name}")
        self.check_console()
        self.check_best(project)
        self.check_origin(project)
        self.picture("conditional")

    def check_best(self, project):
        best = self.timed_trials(project, command="best")[0]
        self.assertEqual(json.loads(self.browser.text("#best-json")), best["values"])
        document = self.browser.text("#best-study")
        self.assertEqual(json.loads(document)["initial"], [best["values"]])
        self.write("again.json", document)
        self.run_program("check", "again.json")
        cpp = self.browser.text("#best-cpp")
        self.assertIn(f'{{"units", std::int64_t{{{best["values"]["units"]}}}}}', cpp)

    def check_origin(self, project):
        origin = self.browser.text("#origin")
        self.assertIn("seed7", origin)
        self.assertIn("d3 5.", origin)
        self.assertIn("random", self.browser.text("#plugins"))
        space = json.loads(self.run_program("space", project, "--json").stdout)
        self.assertEqual(json.loads(self.browser.text("#space"))["space"], space["space"])
        self.assertEqual(json.loads(self.browser.text("#document"))["max_trials"], 1000)

    def test_a_trial_has_a_page(self):
        project = studies.conditional(self.directory, self.environment, 12)
        page = self.report(project)
        trial = self.timed_trials(project)[9]
        page.click('#rows tr[data-trial="9"]')
        page.until("return document.getElementById('trial').open")
        text = page.text("#trial")
        self.assertIn("Trial 9: failed", text)
        self.assertIn(trial["message"], text)
        self.assertIn(trial["seed"], text)
        page.press("Escape")
        page.until("return !document.getElementById('trial').open")
        page.run("location.hash = 'trial-3'")
        page.until("return document.getElementById('trial').open")
        self.assertEqual(page.run("return document.querySelectorAll('#trial canvas').length"), 2)
        self.picture("trial")
        self.check_console()


class Use(PageTest):
    def test_the_table_sorts_and_filters_by_mouse_and_keyboard(self):
        project = studies.conditional(self.directory, self.environment, 30)
        page = self.report(project)
        trials = self.trials(project)
        scores = [trial["score"] for trial in trials if trial["score"] is not None]
        page.click("#rows th:nth-child(3) button")
        self.assertEqual([float(row["loss"]) for row in self.rows() if row["loss"]], sorted(scores))
        page.press("Enter")  # the heading has the focus
        self.assertEqual([float(row["loss"]) for row in self.rows() if row["loss"]],
                         sorted(scores, reverse=True))
        page.run("document.activeElement.blur()")
        page.press("/", *"state=failed")
        page.until("return document.querySelectorAll('#rows tr[data-trial]').length === 3")
        self.assertEqual({row["state"] for row in self.rows()}, {"failed"})
        self.assertEqual(page.text("#chosen"), "3 trials chosen")
        page.run("document.querySelector('#rows tr[data-trial]').focus()")
        page.press("ArrowDown", "Enter")
        page.until("return document.getElementById('trial').open")
        self.assertIn("Trial 19", page.text("#trial"))
        page.press("Escape")
        page.until("return !document.getElementById('trial').open")
        page.press("Escape")
        page.until("return document.querySelectorAll('#rows tr[data-trial]').length === 30")
        page.type("#filter", "nothing=1")
        page.until("return document.getElementById('filter-problem').textContent !== ''")
        self.assertIn('no column "nothing"', page.text("#filter-problem"))
        self.check_console()

    def test_the_page_is_dark_and_narrow(self):
        project = studies.conditional(self.directory, self.environment, 12)
        page = self.report(project)
        page.click("#theme")
        self.assertEqual(page.run("return document.documentElement.dataset.theme"), "dark")
        self.picture("dark")
        page.resize(500, 900)
        page.until("return innerWidth <= 500")
        page.until("return document.documentElement.scrollWidth <= innerWidth")
        self.picture("narrow")
        self.check_console()


class Studies(PageTest):
    def test_several_studies_stand_in_one_page(self):
        first = studies.conditional(self.directory, self.environment, 12)
        second = studies.front(self.directory, self.environment, 12)
        page = self.report(first, second)
        self.assertEqual(page.texts("#study option"), ["conditional", "front"])
        page.run("const select = document.getElementById('study');"
                 "select.value = 1; select.dispatchEvent(new Event('change'))")
        page.until("return document.title.startsWith('front') && document.documentElement.dataset.drawn")
        self.assertIn("mb", page.run(HEAD))
        self.check_console()

    def test_a_study_may_be_empty_damaged_or_not_there(self):
        page = self.report(studies.empty(self.directory, self.environment))
        self.assertIn("0 trials", page.text("#head"))
        self.check_console()
        self.refused(1, ["report", "runs/none", "-o", "none.html"], "runs/none does not exist")
        self.assertFalse(os.path.exists(self.path("none.html")))
        self.refused(1, ["report", "runs/empty", "-o", "no/where.html"], "cannot write no/where.html")


if __name__ == "__main__":
    if not browser.is_there():
        print("skipped 'there is no chromium with chromedriver'")
        sys.exit(77)
    program.main()
