#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gate, tested: appends pass; moves, swaps, removals and changed values do not.

A small contract stands for the real one, which is mutated too.
"""
import os
import shutil
import sys
import tempfile
import unittest

ROOT = os.environ["DODONA_SOURCE_DIR"]
sys.path.insert(0, os.path.join(ROOT, "sdk", "abi"))
import gate  # noqa: E402
from contract import ContractError  # noqa: E402

COMPILER = ["cc"]
SAMPLE = """/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#define DODONA_CALL
#define DODONA_NOEXCEPT
#define DODONA_ABI_EPOCH 1u /* part of a name */
#define DODONA_ABI_MINOR 3u
#define DODONA_SIZE_TO(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
#define DODONA_NOTHING UINT64_MAX
#define DODONA_ID "dodona.sample/1"
typedef int32_t dodona_status;
enum {
  DODONA_OK = 0,
  DODONA_E_FAILED = 1, /* anything, commas too */
  DODONA_FLAG = 1 << 4
};
/* FROZEN */
typedef struct dodona_pair {
  uint64_t key;
  union {
    int64_t i; /* one of two */
    double d;
  } as;
  uint64_t reserved;
} dodona_pair;
typedef struct dodona_table dodona_table;
/* GROWABLE. A table. */
struct dodona_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] Opens. */
  dodona_status(DODONA_CALL* open)(dodona_table*, uint32_t first, uint32_t second) DODONA_NOEXCEPT;
  void(DODONA_CALL* close)(dodona_table*,
                           void(DODONA_CALL* body)(void* ctx) DODONA_NOEXCEPT) DODONA_NOEXCEPT;
  uint8_t id[16];
  const char* late; /* beyond the smallest size */
};
#define DODONA_TABLE_SIZE_MIN DODONA_SIZE_TO(dodona_table, id)
const dodona_table* DODONA_CALL dodona_entry(void) DODONA_NOEXCEPT;
"""
OPEN = "  dodona_status(DODONA_CALL* open)(dodona_table*, uint32_t first, uint32_t second) DODONA_NOEXCEPT;\n"
CLOSE = SAMPLE[SAMPLE.index("  void(DODONA_CALL* close)"):SAMPLE.index("  uint8_t id")]
LATE = "  const char* late; /* beyond the smallest size */\n"
MINOR = ("MINOR 3u", "MINOR 4u")

# What a later minor may do: (old text, new text), once or several times.
PASS = {
    "a member at the end": [(LATE, LATE + "  void* more;\n")],
    "a slot at the end": [(LATE, LATE + OPEN.replace("* open", "* again"))],
    "a struct": [("/* GROWABLE", "/* FROZEN */\ntypedef struct dodona_one {\n  double d;\n} "
                                 "dodona_one;\n/* GROWABLE")],
    "a constant": [("DODONA_OK = 0,", "DODONA_OK = 0,\n  DODONA_E_OTHER = 2,")],
    "a meaning for what was reserved": [("  uint32_t reserved;\n", "  uint32_t mode;\n")],
    "a meaning for what was reserved in a frozen struct": [("  uint64_t reserved;", "  double d;")],
}
# What it must not do, and a part of the words that refuse it.
FAIL = {
    "slots that are swapped": ([(OPEN + CLOSE, CLOSE + OPEN)], "dodona_table.open is at 16 and was at 8"),
    "a slot that is removed": ([(CLOSE, "")], "dodona_table.close is removed"),
    "a last member that is removed": ([(LATE, "")], "dodona_table.late is removed"),
    "a slot before another": ([(OPEN, OPEN.replace("* open", "* again") + OPEN)],
                              "dodona_table.open is at 16 and was at 8"),
    "another type of a member": ([("const char* late", "const void* late")],
                                 "dodona_table.late is 'const void*' (8 bytes) and was 'const char*' (8 bytes)"),
    "another parameter": ([("uint32_t first, uint32_t second", "uint32_t first, uint64_t second")],
                          "dodona_table.open is"),
    "parameters that are swapped": ([("uint32_t first, uint32_t second",
                                      "uint32_t second, uint32_t first")], "dodona_table.open is"),
    "another callback": ([("body)(void* ctx)", "body)(void* ctx, int)")], "dodona_table.close is"),
    "another length": ([("id[16]", "id[24]")], "dodona_table.late is at 48 and was at 40"),
    "a member of a frozen struct": ([("  uint64_t reserved;", "  uint64_t reserved;\n  double d;")],
                                    "dodona_pair is FROZEN, and has 32 bytes"),
    "an alternative of a frozen union": ([("    double d;\n", "    double d;\n    void* p;\n")],
                                         "dodona_pair is FROZEN, and has 24 bytes and 6 members"),
    "members of a frozen struct that change places": (
        [("  uint64_t key;\n", ""), ("  } as;\n", "  } as;\n  uint64_t key;\n")],
        "dodona_pair.key is at 8 and was at 0"),
    "another layout": ([("/* FROZEN */\ntypedef struct dodona_pair {\n  uint64_t key;",
                         "/* GROWABLE */\ntypedef struct dodona_pair {\n  uint32_t struct_size;\n"
                         "  uint32_t k;"),
                        ("} dodona_pair;\n", "} dodona_pair;\n#define DODONA_PAIR_SIZE_MIN "
                                             "DODONA_SIZE_TO(dodona_pair, as)\n")],
                       "dodona_pair is GROWABLE and was FROZEN"),
    "another value of a constant": ([("E_FAILED = 1", "E_FAILED = 7")], "DODONA_E_FAILED is 7 and was 1"),
    "another value of a flag": ([("1 << 4", "1 << 5")], "DODONA_FLAG is 32 and was 16"),
    "another id": ([("sample/1", "sample/2")], "DODONA_ID is 'dodona.sample/2'"),
    "a constant that is removed": ([("  DODONA_OK = 0,\n", "")], "constant DODONA_OK is removed"),
    "a struct that is removed": ([("dodona_pair", "dodona_couple")], "struct dodona_pair is removed"),
    "another width of a type": ([("typedef int32_t", "typedef uint32_t")],
                                "type dodona_status is 'uint32_t' and was 'int32_t'"),
    "another entry": ([("dodona_entry(void)", "dodona_entry(int)")], "function dodona_entry is"),
    "a larger smallest size": ([("dodona_table, id)", "dodona_table, late)")],
                               "dodona_table: the smallest size is 48 and was 40"),
}
# What no header may have, whatever was released.
NEVER = {
    "a hole": ([("  uint32_t reserved;\n", "")], "dodona_table: 4 bytes of padding before open"),
    "a hole at the end": ([(LATE, LATE + "  uint32_t x;\n")], "4 bytes of padding at its end"),
    "a slot that may throw": ([("second) DODONA_NOEXCEPT", "second)")], "open without DODONA_NOEXCEPT"),
    "a callback that may throw": ([("ctx) DODONA_NOEXCEPT", "ctx)")], "body without DODONA_NOEXCEPT"),
    "a slot without a calling convention": ([("(DODONA_CALL* open)", "(*open)")],
                                            "open without DODONA_CALL"),
    "no smallest size": ([("#define DODONA_TABLE_SIZE_MIN DODONA_SIZE_TO(dodona_table, id)\n", "")],
                         "dodona_table is GROWABLE and has no constant ..._SIZE_MIN"),
    "a growable struct by value": ([(LATE, LATE + "  dodona_status(DODONA_CALL* by)(dodona_table) "
                                                  "DODONA_NOEXCEPT;\n")], "by value, which is GROWABLE"),
    "neither word": ([("/* FROZEN */", "/* A pair. */")], "neither FROZEN nor GROWABLE"),
    "several members at once": ([("  uint64_t key;", "  uint32_t a, b;")], "not one plain member"),
}


def change(text, pairs):
    for old, new in pairs:
        if old not in text:
            raise AssertionError(f"the sample has no {old!r}")
        text = text.replace(old, new)
    return text


class Gate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def headers(self, text):
        parts = os.path.join(self.folder, "dodona", "abi")
        os.makedirs(parts, exist_ok=True)
        self.write(os.path.join(parts, "sample.h"), text)
        self.write(os.path.join(self.folder, "dodona", "abi.h"), "#include <dodona/abi/sample.h>\n")
        return self.folder

    def write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_gate(self, text, write=False):
        code, lines = gate.run(self.headers(text), self.folder, write, COMPILER)
        return code, "\n".join(lines)

    def released(self, text=SAMPLE):
        """The text is recorded, and told of."""
        self.write(os.path.join(self.folder, "README.md"), "### 1.3\n\n### 1.4\n\n### 0.3\n\n### 0.4\n")
        code, words = self.run_gate(text, write=True)
        self.assertEqual(code, 0, words)

    def test_what_is_recorded_passes(self):
        self.released()
        self.assertEqual(self.run_gate(SAMPLE), (0, "epoch_1.json: 2 structs, 5 constants as recorded, minor 3"))
        self.assertEqual(self.run_gate(change(SAMPLE, [("A table.", "Another remark.")]))[0], 0)

    def test_numbers_are_the_compilers(self):
        self.released()
        record = gate.json.loads(gate.read(os.path.join(self.folder, "epoch_1.json")))
        table = record["structs"]["dodona_table"]
        self.assertEqual((table["size"], table["size_min"]), (48, 40))
        self.assertEqual([member["offset"] for member in table["members"]], [0, 4, 8, 16, 24, 40])
        self.assertEqual(table["members"][3]["type"], "void(*)(dodona_table*, void(*body)(void* ctx))")
        self.assertEqual(record["constants"]["DODONA_NOTHING"]["value"], 2**64 - 1)

    def test_growth_passes_with_a_minor_of_its_own(self):
        for what, pairs in PASS.items():
            with self.subTest(what):
                self.released()
                grown = change(SAMPLE, pairs)
                code, words = self.run_gate(grown, write=True)
                self.assertEqual(code, 1)
                self.assertIn("DODONA_ABI_MINOR is 3: raise it to 4", words)
                grown = change(grown, [MINOR])
                code, words = self.run_gate(grown)
                self.assertEqual(code, 1)
                self.assertIn("run sdk/abi/gate.py --write", words)
                self.assertEqual(self.run_gate(grown, write=True)[0], 0)
                self.assertEqual(self.run_gate(grown)[0], 0)
                os.remove(os.path.join(self.folder, "epoch_1.json"))

    def test_what_breaks_a_plugin_fails(self):
        self.released()
        before = gate.read(os.path.join(self.folder, "epoch_1.json"))
        for what, (pairs, why) in FAIL.items():
            with self.subTest(what):
                code, words = self.run_gate(change(SAMPLE, [*pairs, MINOR]), write=True)
                self.assertEqual(code, 1)
                self.assertIn(why, words)
                self.assertIn("append, or begin another epoch", words)
        self.assertEqual(self.run_gate(change(SAMPLE, [*pairs, MINOR])), (code, words))
        self.assertEqual(gate.read(os.path.join(self.folder, "epoch_1.json")), before)

    def test_what_no_header_may_have_fails(self):
        for what, (pairs, why) in NEVER.items():
            with self.subTest(what), self.assertRaisesRegex(ContractError, why):
                self.run_gate(change(SAMPLE, pairs))

    def test_epoch_0_moves_if_it_says_so(self):
        moving = change(SAMPLE, [("EPOCH 1u", "EPOCH 0u"), ("MINOR 3u", "MINOR 3u\n#define DODONA_ABI_BREAK 2u")])
        self.released(moving)
        pairs, why = FAIL["slots that are swapped"]
        code, words = self.run_gate(change(moving, [*pairs, MINOR]), write=True)
        self.assertEqual(code, 1)
        self.assertIn(why, words)
        self.assertIn("DODONA_ABI_BREAK is 2: raise it and DODONA_ABI_MINOR to 4", words)
        broken = change(moving, [*pairs, MINOR, ("BREAK 2u", "BREAK 4u")])
        self.assertEqual(self.run_gate(broken, write=True)[0], 0)
        self.assertEqual(self.run_gate(broken)[0], 0)

    def test_each_minor_is_told_of(self):
        self.released()
        self.write(os.path.join(self.folder, "README.md"), "### 1.2\n")
        self.assertEqual(self.run_gate(SAMPLE), (1, "README.md has no entry '### 1.3' that tells what it changed"))

    def test_the_record_says_since_when(self):
        self.released()
        grown = change(SAMPLE, [*PASS["a member at the end"], *PASS["a constant"], MINOR])
        self.assertEqual(self.run_gate(grown, write=True)[0], 0)
        record = gate.json.loads(gate.read(os.path.join(self.folder, "epoch_1.json")))
        since = {member["name"]: member["since"] for member in record["structs"]["dodona_table"]["members"]}
        self.assertEqual((since["late"], since["more"]), (3, 4))
        self.assertEqual(record["constants"]["DODONA_E_OTHER"]["since"], 4)
        self.assertEqual(record["constants"]["DODONA_OK"]["since"], 3)


if __name__ == "__main__":
    unittest.main()
