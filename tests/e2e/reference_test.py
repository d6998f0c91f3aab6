# SPDX-License-Identifier: Apache-2.0
"""The tables of keys and options in the pages, and the comments of dodona::StudyOptions, say what
the program says: `dodona schema` for keys, `dodona plugins describe --json` for options.

`reference_test.py --write` writes the tables anew, those of plugins that are built. They stand
between `<!-- keys: begin -->` and `<!-- keys: end -->`, and `<!-- options of NAME: begin -->` and
its end.
"""
import json
import os
import re
import sys
import unittest

import program

SOURCE = os.environ["DODONA_SOURCE_DIR"]
KEYS_PAGE = os.path.join(SOURCE, "core", "host", "README.md")
OPTIONS_PAGE = os.path.join(SOURCE, "plugins", "README.md")
HEADER = os.path.join(SOURCE, "core", "include", "dodona", "study_options.hpp")
WRITE = "--write" in sys.argv


def shown(value):
    return "" if value is None else "`" + json.dumps(value, ensure_ascii=False) + "`"


def cell(text):
    return text.replace("|", r"\|").replace("\n", " ")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def bounds(low, high):
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low is not None:
        return f"at least {low}"
    return f"at most {high}" if high is not None else ""


def values_of(shape):
    """What a key of the schema may be, in words."""
    if "enum" in shape:
        return ", ".join(map(shown, shape["enum"]))
    if "anyOf" in shape:
        return " or ".join(filter(None, map(values_of, shape["anyOf"])))
    if "const" in shape:
        return shown(shape["const"])
    kind = shape.get("type")
    if kind == "null":
        return "`null`"
    if kind == "integer":
        low, high = shape.get("minimum"), shape.get("maximum")
        return " ".join(filter(None, ["an integer", bounds(low, None if high == 2**64 - 1 else high)]))
    if kind == "number":
        return f"a number above {shape['exclusiveMinimum']}"
    if "$ref" in shape:
        return "a plugin"
    if kind == "array":
        return "a list"
    return {"string": "a text", "object": "an object", "boolean": "`true`, `false`"}.get(kind, "")


def keys_of(schema):
    """(path, schema of the key), in the order of the schema."""
    for name, shape in schema["properties"].items():
        if name == "$schema":
            continue
        if "properties" not in shape:
            yield name, shape
            continue
        for member, inner in shape["properties"].items():
            yield f"{name}.{member}", inner


def keys_table(schema):
    rows = []
    for path, shape in keys_of(schema):
        values = "a metric, or several" if path == "objective" else values_of(shape)
        default = "`null`" if shape.get("default") is None else shown(shape["default"])
        rows.append([f"`{path}`", values, default, shape["description"]])
    return table(["key", "value", "default", "what it does"], rows)


def options_table(plugin):
    rows = []
    for option in plugin["options"]:
        values = ", ".join(map(shown, option["choices"])) or " ".join(
            filter(None, [option["kind"], bounds(option["low"], option["high"])]))
        default = "must be given" if option["required"] else shown(option["default"])
        rows.append([f"`{option['name']}`", values, default, option["help"]])
    if not rows:
        return "It takes no options."
    return table(["option", "value", "default", "what it does"], rows)


def members(header):
    """Member of StudyOptions -> its comment in one line."""
    found, comment = {}, []
    for line in header[header.index("struct StudyOptions"):].splitlines():
        member = re.match(r"  (?!static)[\w:<>, ]+ (\w+)(?:\{.*\}| = .*)?;$", line)
        if line.startswith("  // "):
            comment.append(line[5:])
        elif member:
            found[member.group(1)] = " ".join(comment)
            comment = []
        else:
            comment = []
    return found

# Keys whose member has another name than their last part.
MEMBERS = {"trial_limits.seconds": "max_trial_seconds",
           "trial_limits.step_seconds": "max_step_seconds",
           "trial_limits.memory_mb": "max_trial_memory_mb",
           "trial_limits.output_mb": "max_trial_output_mb"}


class Reference(program.ProgramTest):
    def section(self, page, name, expected):
        """Compares what stands between the markers, or writes it."""
        with open(page, encoding="utf-8") as file:
            text = file.read()
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        self.assertIn(begin, text, page)
        start = text.index(begin) + len(begin)
        stop = text.index(end, start)
        if WRITE:
            with open(page, "w", encoding="utf-8") as file:
                file.write(text[:start] + expected + "\n" + text[stop:])
            return
        self.assertEqual(text[start:stop].strip(), expected,
                         f"{page}: run tests/e2e/reference_test.py --write")

    def schema(self):
        return json.loads(self.run_program("schema").stdout)

    def test_keys_are_on_their_page(self):
        self.section(KEYS_PAGE, "keys", keys_table(self.schema()))

    def test_keys_have_the_help_of_their_members(self):
        with open(HEADER, encoding="utf-8") as file:
            comments = members(file.read())
        comments.pop("objectives")  # what the key `objective` makes of a list
        known = set()
        for path, shape in keys_of(self.schema()):
            name = MEMBERS.get(path, path.split(".")[-1])
            known.add(name)
            comment = comments.get(name, f"there is no member {name}")
            if " null: " in shape["description"]:
                comment = re.sub(r" (0|None|Empty): ([^.]*\.)$", r" null: \2", comment)
            self.assertEqual(comment, shape["description"], path)
        self.assertEqual(known, set(comments))

    def test_options_are_on_their_page(self):
        listed = json.loads(self.run_program("plugins", "list", "--json").stdout)["plugins"]
        here = [p for p in listed if p["path"].startswith(os.path.dirname(program.built_plugin("x")))]
        for name in sorted({plugin["name"] for plugin in here}):
            with self.subTest(plugin=name):
                described = json.loads(
                    self.run_program("plugins", "describe", name, "--json").stdout)["plugins"]
                self.section(OPTIONS_PAGE, f"options of {name}", options_table(described[0]))


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--write"])
