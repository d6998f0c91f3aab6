# SPDX-License-Identifier: Apache-2.0
"""`dodona report`: the page in a browser shows what the store has, and obeys mouse and keyboard.

With DODONA_SCREENSHOTS=DIRECTORY it leaves pictures there.
"""
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time

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

    def test_the_page_is_dark_narrow_and_printed(self):
        project = studies.conditional(self.directory, self.environment, 12)
        page = self.report(project)
        page.click("#theme")
        self.assertEqual(page.run("return document.documentElement.dataset.theme"), "dark")
        self.picture("dark")
        page.resize(500, 900)
        page.until("return innerWidth <= 500")
        page.until("return document.documentElement.scrollWidth <= innerWidth")
        self.picture("narrow")
        self.assertTrue(page.print().startswith(b"%PDF"))
        self.check_console()


class Brush(PageTest):
    CHOSEN = "return parseInt(document.getElementById('chosen').textContent) || 0"

    def test_an_axis_chooses_trials_in_all_views(self):
        project = studies.conditional(self.directory, self.environment, 40)
        page = self.report(project)
        trials = self.trials(project)
        page.run("document.getElementById('parallel').scrollIntoView()")
        place = page.run("""
            const axis = document.querySelector('#parallel [data-axis="lr"]').parentNode;
            const box = axis.querySelector('.domain').getBoundingClientRect();
            return [box.right, box.top, box.bottom]""")
        # The upper half of an axis from 1e-5 to 0.1, which is logarithmic.
        page.drag((place[0], (place[1] + place[2]) / 2), (place[0], place[1] - 5))
        expected = [trial["trial"] for trial in trials if trial["values"]["lr"] > 1e-3]
        page.until(self.CHOSEN + " === arguments[0]", len(expected))
        page.until("return document.querySelectorAll('#rows tr[data-trial]').length === arguments[0]",
                   len(expected))
        self.assertEqual([int(row["trial"]) for row in self.rows()], expected)
        self.picture("brush")
        page.press("Escape")
        page.until("return document.getElementById('chosen').textContent === ''")
        self.assertIsNone(page.run("return document.querySelector('#parallel .selection[width]"
                                   ":not([style*=none])')"))
        self.check_keyboard(page)
        self.check_console()

    def check_keyboard(self, page):
        """Nobody has a momentum but with sgd: the upper half of its axis has few trials."""
        page.run("document.querySelector('#parallel [data-axis=\"momentum\"]').focus()")
        page.press("Enter")
        few = page.until(self.CHOSEN)
        page.press(*["ArrowDown"] * 9)
        page.until(self.CHOSEN + " !== arguments[0]", few)
        page.press("Delete")
        page.until("return document.getElementById('chosen').textContent === ''")


class Views(PageTest):
    IDS = "return [...document.querySelectorAll('main section')].map((section) => section.id)"

    def test_each_kind_of_study_has_its_views(self):
        common = ["history", "best", "importance", "parallel", "slices", "contour", "trials"]
        kinds = [
            (studies.conditional, [30], common + ["curves", "failures"]),
            (studies.front, [30], ["history", "front"] + common[1:]),
            (studies.hyperband, [], common + ["curves", "brackets"]),
            (studies.modelled, [30], common + ["regret"]),
        ]
        for make, words, views in kinds:
            with self.subTest(make.__name__):
                page = self.report(make(self.directory, self.environment, *words))
                self.assertEqual(page.run(self.IDS), views + ["timeline", "study-file"])
                self.assertEqual(self.blank_figures(), [])
                page.click("#theme")
                page.run("document.querySelector('#parallel').scrollIntoView()")
                self.picture(make.__name__)
                self.check_console()
        self.assertIn("The ground is what the model", page.text("#contour-words"))
        self.check_surface(json.loads(page.text("script.study"))["surfaces"])

    def check_surface(self, surfaces):
        """More units are better, whatever the batch, and the model knows it."""
        surface = next(each for each in surfaces if (each["x"], each["y"]) == ("units", "batch"))
        columns = len(surface["x_values"])
        self.assertEqual(surface["x_values"], sorted(surface["x_values"]))
        self.assertEqual(surface["y_values"], [0, 1, 2])
        for row in range(3):
            expected = surface["expected"][row * columns:(row + 1) * columns]
            self.assertLess(expected[-1], expected[0])
        self.assertEqual(len(surface["deviation"]), 3 * columns)

    def blank_figures(self):
        """Labels of drawings without a mark."""
        return self.browser.run("""
            return [...document.querySelectorAll('.figure')].filter((box) => {
              if (box.querySelector('rect[fill]')) return false;
              return ![...box.querySelectorAll('canvas')].some((canvas) => {
                const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return data.some((byte) => byte !== 0);
              });
            }).map((box) => box.getAttribute('aria-label'))""")


class Sizes(PageTest):
    def test_a_hundred_thousand_trials_and_a_thousand(self):
        for count in (10, 1000, 100000):
            with self.subTest(count):
                subprocess.run([os.path.join(program.BUILD, "tests", "pages_study"), str(count),
                                str(count)], cwd=self.directory, env=self.environment, check=True)
                project = f"{count}/pages"
                page = self.report(project)
                self.assertLess(os.path.getsize(self.path("report.html")), 12_000_000)
                self.check_sample(project, count)
                self.assertEqual("left-out" in page.run(
                    "return [...document.querySelectorAll('ul')].map((list) => list.id)"), count > 1500)
                self.picture(f"trials_{count}")
                self.check_console()

    def check_sample(self, project, count):
        """Values of a few trials: exact, or where there are many with four digits."""
        page = self.browser
        for trial in {0, count // 2, count - 2}:
            shown = json.loads(self.run_program("show", project, str(trial), "--json").stdout)
            page.run("location.hash = arguments[0]", f"trial-{trial}")
            page.until("return document.getElementById('trial').open && "
                       "document.querySelector('#trial h2').textContent.startsWith(arguments[0])",
                       f"Trial {trial}:")
            names, texts = page.texts("#trial dt"), page.texts("#trial dd")
            facts = dict(zip(names, texts))
            for name, value in {**shown["values"], "loss": shown["score"]}.items():
                if isinstance(value, float):
                    self.assertAlmostEqual(float(facts[name]) / value, 1, delta=1e-3, msg=name)
                else:
                    self.check_value(facts[name], value, f"trial {trial} {name}")
            page.press("Escape")
            page.until("return !document.getElementById('trial').open")


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
        self.write("a.json", "{}")
        self.refused(2, ["report", "a.json", "-o", "none.html"], "a.json is a file")
        self.refused(1, ["report", "runs/empty", "-o", "no/where.html"], "cannot write no/where.html")


class BadStudies(PageTest):
    def change(self, project, statement):
        with contextlib.closing(sqlite3.connect(self.path(project, "study.db"))) as database:
            database.execute(statement)
            database.commit()

    def test_damage_is_told_beside_what_lies_before_it(self):
        project = studies.conditional(self.directory, self.environment, 12)
        self.change(project, "UPDATE log SET crc = crc + 1 "
                             "WHERE first = (SELECT max(first) FROM log)")
        page = self.report(project, code=1)
        self.assertIn("study.db", page.text("#origin"))
        self.assertRegex(page.text("#head"), r"\d+ trials?")
        self.check_console()

    def test_a_newer_version_is_refused(self):
        project = studies.conditional(self.directory, self.environment, 2)
        self.change(project, "PRAGMA user_version = 1000000")
        self.refused(1, ["report", project, "-o", "new.html"], "study.db")
        self.assertFalse(os.path.exists(self.path("new.html")))

    def test_a_study_that_runs_is_shown_as_it_is(self):
        told = studies.Told(self.directory, self.environment, "running", studies.SPACE)
        trial = told.ask()
        told.say(report=trial["trial"], step=1, metrics={"loss": 1.5})
        time.sleep(0.3)  # until the report is on the disk
        page = self.report("runs/running")
        self.assertEqual([row["state"] for row in self.rows()], ["running"])
        told.end()
        self.check_console()


if __name__ == "__main__":
    if not browser.is_there():
        print("skipped 'there is no chromium with chromedriver'")
        sys.exit(77)
    program.main()
