#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""abidiff compares the contract as the compiler wrote it down with the record.

abidiff follows exported functions, and a plugin hides all tables behind one pointer. So a witness
stands for the contract: a library with one exported function for each struct. One is built from the
headers, one from declarations that are made of the record alone; abidiff finds no difference. It
does find one in headers where two slots are swapped. A member that is appended counts as a
difference for it too, so that the gate alone tells growth from a break.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import layout_test

ROOT = os.environ["DODONA_SOURCE_DIR"]
sys.path.insert(0, os.path.join(ROOT, "sdk", "abi"))
import gate  # noqa: E402
INCLUDE = os.path.join(ROOT, "sdk", "include")
CHANGED = 4  # abidiff's bit for a difference
ORACLE = os.path.join("dodona", "abi", "oracle.h")


def declared(name, type_text):
    """The declaration of a member."""
    if "(*)" in type_text:
        return type_text.replace("(*)", f"(*{name})", 1) + ";"
    base, bracket, length = type_text.partition("[")
    return f"{base} {name}{bracket}{length};"


def body(members):
    lines, inside = [], [member for member in members if "." in member["name"]]
    for member in members:
        if member["type"] == "union":
            prefix = member["name"] + "."
            lines.append("union { " + " ".join(
                declared(one["name"][len(prefix):], one["type"]) for one in inside
                if one["name"].startswith(prefix)) + " } " + member["name"] + ";")
        elif "." not in member["name"]:
            lines.append(declared(member["name"], member["type"]))
    return " ".join(lines)


def declarations(contract):
    """The structs of a record in C; each one behind those that it holds."""
    lines = ["#include <stdint.h>"]
    lines += [f"typedef {text} {name};" for name, text in contract["types"].items()]
    lines += [f"typedef struct {name} {name};" for name in contract["structs"]]
    done = set()

    def add(name):
        if name in done:
            return
        done.add(name)
        members = contract["structs"][name]["members"]
        for member in members:
            if member["type"] in contract["structs"]:
                add(member["type"])
        lines.append(f"struct {name} {{ {body(members)} }};")

    for name in contract["structs"]:
        add(name)
    return lines


class Witness(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.contract = layout_test.record()

    def witness(self, name, lines, include=INCLUDE):
        """A library with a function for each struct."""
        lines = lines + [f"void witness_{struct}({struct}* it) {{ (void)it; }}"
                         for struct in self.contract["structs"]]
        library = os.path.join(self.folder, name + ".so")
        subprocess.run(["cc", "-std=c11", "-g", "-shared", "-fPIC", "-I", include, "-x", "c", "-",
                        "-o", library], input="\n".join(lines) + "\n", text=True, check=True)
        return library

    def abidiff(self, one, other):
        answer = subprocess.run(["abidiff", one, other], capture_output=True, text=True, check=False)
        return answer.returncode, answer.stdout + answer.stderr

    def changed(self, old, new):
        """A folder of headers in one of which a text is replaced."""
        folder = tempfile.mkdtemp(dir=self.folder)
        shutil.copytree(INCLUDE, folder, dirs_exist_ok=True)
        with open(os.path.join(folder, ORACLE), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        with open(os.path.join(folder, ORACLE), "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
        return folder

    def compare(self, include):
        """What abidiff says of the headers, and the gate."""
        code, words = self.abidiff(self.witness("recorded", declarations(self.contract)),
                                   self.witness("headers", ["#include <dodona/abi.h>"], include))
        return code, words, gate.violations(self.contract, gate.record_of(include, ["cc"]))

    def test_the_headers_are_as_recorded(self):
        code, words, violations = self.compare(INCLUDE)
        self.assertEqual((code, violations), (0, []), words)

    def test_a_swap_is_seen(self):
        code, words, violations = self.compare(self.changed(
            "uint64_t start_step;\n  uint64_t resume_of;",
            "uint64_t resume_of;\n  uint64_t start_step;"))
        self.assertEqual(code & CHANGED, CHANGED, words)
        self.assertIn("start_step", words)
        self.assertEqual(violations, ["dodona_proposal.start_step is at 40 and was at 32",
                                      "dodona_proposal.resume_of is at 32 and was at 40"])

    def test_an_appended_member_is_a_difference_too(self):
        code, words, violations = self.compare(self.changed(
            "} dodona_request;", "  uint64_t more;\n} dodona_request;"))
        self.assertEqual(code & CHANGED, CHANGED, words)
        self.assertIn("uint64_t more", words)
        self.assertEqual(violations, [])


if __name__ == "__main__":
    if not shutil.which("abidiff"):
        print("abidiff was not found: Debian's package is abigail-tools")
        sys.exit(77)
    unittest.main()
