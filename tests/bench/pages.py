#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a report costs, and how fast its page is: `dodona report` of a random search over 20
hyperparameters, and its page in Debian's Chromium.

  tests/bench/pages.py --build build/release [--trials 10000 100000]

A line of JSON a study: seconds of `dodona report` (elapsed, and of processors), megabytes of the file,
seconds to the first view, and milliseconds from a move of the pointer, which changes a brush on parallel
coordinates, to the next frame with the chosen trials. Then `dodona serve` of the same study: seconds to
the first view, for the first reader and for a later one; milliseconds from an event that is on the disk
to its news in a page, with 20 pages open; and megabytes of the server's memory, at most and then.
"""
import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request

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


def fetch(address):
    with urllib.request.urlopen(address, timeout=300) as answer:
        return answer.read()


def memory(pid):
    """(at most, now) in megabytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        found = dict(re.findall(r"(VmHWM|VmRSS):\s+(\d+) kB", file.read()))
    return tuple(round(int(found[key]) / 1e3, 1) for key in ("VmHWM", "VmRSS"))


def note(address, token):
    """Logs an event, and answers the time when it was on the disk."""
    body = json.dumps({"action": "note", "trial": 0, "text": str(time.time())}).encode()
    request = urllib.request.Request(address + "act", body, method="POST", headers={
        "Content-Type": "application/json", "X-Dodona-Token": token})
    with urllib.request.urlopen(request, timeout=300) as answer:
        answer.read()
    return time.time()


# The time at which a page heard of an event beyond a sequence.
NEWS = """const {events, heard} = document.documentElement.dataset;
return Number(events) > arguments[0] ? heard / 1000 : null"""


def first_view(window, address):
    window.open(address)
    window.until("return performance.getEntriesByName('first-view').length > 0")
    return window.run("return performance.getEntriesByName('first-view')[0].startTime") / 1000


def measure_serve(build, study):
    server = subprocess.Popen([os.path.join(build, "bin", "dodona"), "serve", study, "--port", "0",
                               "--allow-actions"], stdout=subprocess.PIPE, text=True)
    window = browser.Browser()
    streams = []
    try:
        address, token = re.search(r"(http://\S+/)#token=(\w+)", server.stdout.readline()).groups()
        page = address + "study/pages/"
        cold = first_view(window, page)
        window.until("return document.documentElement.dataset.drawn === 'all'")
        data = json.loads(fetch(page + "data?whole"))
        window.open("about:blank")
        warm = first_view(window, page)
        window.until("return document.documentElement.dataset.drawn === 'all'")
        for _ in range(19):
            streams.append(urllib.request.urlopen(
                f"{page}events?id={data['id']}&from={data['events']}", timeout=300))
        times = []
        for _ in range(10):
            time.sleep(0.5)
            before = window.run("return Number(document.documentElement.dataset.events || 0)")
            logged = note(page, token)
            times.append(1000 * (window.until(NEWS, before) - logged))
        times.sort()
        return {"serve_first_view_seconds": round(cold, 2), "serve_later_view_seconds": round(warm, 2),
                "update_ms": round(times[5], 1), "update_worst_ms": round(times[9], 1),
                "serve_megabytes": memory(server.pid)}
    finally:
        for stream in streams:
            stream.close()
        window.close()
        server.terminate()
        server.wait()


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
            "chosen": brush["chosen"], **measure_serve(build, study)}


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
