# SPDX-License-Identifier: Apache-2.0
"""Copies of the contract's headers: of a minor that knew less, and of one that will know more.

In the shorter copy every growable struct ends with the last member that all must know; in the longer
one each has a tail that today's host has never heard of.
"""
import os
import re
import shutil
import sys

ROOT = os.environ["DODONA_SOURCE_DIR"]
sys.path.insert(0, os.path.join(ROOT, "sdk", "abi"))
from contract import Contract  # noqa: E402

INCLUDE = os.path.join(ROOT, "sdk", "include")
# Tables of slots end elsewhere. A plugin's: where an object of the role is of use. A host's: with the
# last slot that the first hosts called.
PLUGIN = {"dodona_oracle_vtable": "propose", "dodona_hypermodel_vtable": "release"}
HOST = {"dodona_oracle_vtable": "fill", "dodona_hypermodel_vtable": "metrics",
        "dodona_sink_vtable": "set_space"}
TAIL = "  uint64_t future[4];\n"


def numbered(text, change):
    """The text with another DODONA_ABI_MINOR: change(minor, last minor that broke)."""
    minor = int(re.search(r"DODONA_ABI_MINOR (\d+)u", text).group(1))
    broke = int(re.search(r"DODONA_ABI_BREAK (\d+)u", text).group(1))
    return text.replace(f"DODONA_ABI_MINOR {minor}u", f"DODONA_ABI_MINOR {change(minor, broke)}u")


def copy(folder, edit, change):
    """Copies abi.h and its parts; edit(struct) gives what to cut or insert: (start, end, text)."""
    shutil.copytree(os.path.join(INCLUDE, "dodona", "abi"), os.path.join(folder, "dodona", "abi"))
    shutil.copy(os.path.join(INCLUDE, "dodona", "abi.h"), os.path.join(folder, "dodona"))
    edits = {}
    for struct in Contract(INCLUDE).structs.values():
        if struct.layout == "GROWABLE":
            edits.setdefault(os.path.basename(struct.header), []).extend(edit(struct))
    for name, pieces in edits.items():
        path = os.path.join(folder, "dodona", "abi", name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for start, end, new in sorted(pieces, reverse=True):
            text = text[:start] + new + text[end:]
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    path = os.path.join(folder, "dodona", "abi", "scalars.h")
    with open(path, encoding="utf-8") as file:
        text = numbered(file.read(), change)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def shorter(folder, tables):
    def edit(struct):
        names = [member.name for member in struct.members]
        last = tables.get(struct.name, struct.last)
        return [(member.start, member.end, "")
                for member in struct.members[names.index(last) + 1:]]

    copy(folder, edit, lambda minor, broke: broke)


def longer(folder):
    copy(folder, lambda struct: [(struct.end, struct.end, TAIL)], lambda minor, broke: minor + 100)
