#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a made-up table of customers, of whom some come back, for samples/xgboost/study.json.

    make_table.py FILE.csv
"""
import csv
import random
import sys

ROWS = 1200


def customer(draw):
    age = draw.randint(18, 80)
    visits = draw.randint(1, 30)
    basket = round(draw.lognormvariate(3, 0.7), 2)
    discount = draw.choice([0, 0, 5, 10, 20])
    days = draw.randint(0, 365)
    # Young customers come back for a discount, others by habit. A recent visit makes it likelier.
    habit = discount / 8 if age < 35 else visits / 8
    likes_it = habit + (1 if days < 60 else 0) - basket / 60 + draw.gauss(0, 0.6)
    returns = "yes" if likes_it > 1 else "no"
    # The age of some customers is unknown.
    return ["" if draw.random() < 0.05 else age, visits, basket, discount, days, returns]


def main():
    draw = random.Random(1)
    with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["age", "visits", "basket", "discount", "days", "returns"])
        table.writerows(customer(draw) for _ in range(ROWS))


if __name__ == "__main__":
    main()
