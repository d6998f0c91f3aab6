#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a made-up table of bus trips, with words and holes, for the studies beside this file.

    make_table.py FILE.csv
"""
import csv
import random
import sys

TRIPS = 400
LINES = ["1", "7, express", "22", 'N2 "night owl"']
WEATHERS = ["sun", "rain", "snow", ""]  # nobody looked


def trip(draw, number):
    driver = draw.randrange(40)
    line, weather = draw.choice(LINES), draw.choice(WEATHERS)
    passengers = draw.randint(0, 90)
    # Snow makes trips late, rain those of full buses; at night nothing does.
    strain = {"sun": 0, "rain": passengers / 30, "snow": 3, "": 1}[weather]
    late = strain + draw.gauss(0, 0.4) > 1.5 and line != LINES[3]
    counted = "" if draw.random() < 0.1 else passengers
    return [number, f"2026-03-{1 + number * 30 // TRIPS:02}", f"driver {driver}", line, weather,
            counted, "yes" if late else "no"]


def main():
    draw = random.Random(2)
    with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["trip", "day", "driver", "line", "weather", "passengers", "late"])
        table.writerows(trip(draw, number) for number in range(TRIPS))


if __name__ == "__main__":
    main()
