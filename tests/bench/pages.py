#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a report costs, and how fast its page is: `dodona report` of a random search over 20
hyperparameters, and its page in Debian's Chromium.

  tests/bench/pages.py --build build/release [--trials 10000 100000]

A line of JSON a study: seconds of `dodona report` (elapsed, and of processors), megabytes of the file,
seconds to the first view, and milliseconds from a move of the pointer, which changes a brush on parallel
coordinates, to the next frame with the chosen trials.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "browser"))
import browser

# Drags a brush by 40 moves, and gives the median of the times to the frame after each.
BRUSH = """
const done = arguments[arguments.length - 1];
document.getElementById('parallel').scrollIntoView();
const axis = document.querySelector('#parallel [data-axis="lr"]').parentNode;
const area = axis.querySelector('.overlay');
const box = axis.querySelector('.domain').getBoundingClientRect();
const at = (share) => ({view: window, bubbles: true, clientX: box.right,
                        clientY: box.bottom - share * (box.bottom - box.top)});
const frame = () => new Promise((resolve) => requestAnimationFrame(() => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = resolve;
  port2.postMessage(0);
}));
(async () => {
  area.dispatchEvent(new MouseEvent('mousedown', at(0.2)));
  const times = [];
  for (let move = 0; move < 40; ++move) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const start = performance.now();
    window.dispatchEvent(new MouseEvent('mousemove', at(0.3 + 0.015 * move)));
    await frame();
    times.push(performance.now() - start);
  }
  window.dispatchEvent(new MouseEvent('mouseup', at(0.9)));
  const chosen = document.getElementById('chosen').textContent;
  times.sort((a, b) => a - b);
  done({median: times[20], worst: times[39], chosen});
})();
"""


def measure(build, trials, directory):
    study = os.path.join(directory, str(trials))
    subprocess.run([os.path.join(build, "tests", "pages_study"), str(trials), study], check=True)
    page = os.path.join(directory, f"{trials}.html")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run([os.path.join(build, "bin", "dodona"), "report", os.path.join(study, "pages"),
                    "-o", page], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    window = browser.Browser()
    try:
        window.open("file://" + page)
        window.until("return document.documentElement.dataset.drawn === 'all'")
        view = window.run("return performance.getEntriesByName('first-view')[0].startTime") / 1000
        time.sleep(1)
        brush = window.run_async(BRUSH)
    finally:
        window.close()
    return {"trials": trials, "report_seconds": round(seconds, 2),
            "processor_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime
                                       - before.ru_stime, 2),
            "megabytes": round(os.path.getsize(page) / 1e6, 2), "first_view_seconds": round(view, 2),
            "brush_ms": round(brush["median"], 1), "brush_worst_ms": round(brush["worst"], 1),
            "chosen": brush["chosen"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--trials", type=int, nargs="+", default=[10000, 100000])
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dodona-pages-") as directory:
        for trials in words.trials:
            print(json.dumps(measure(os.path.abspath(words.build), trials, directory)), flush=True)


if __name__ == "__main__":
    main()
