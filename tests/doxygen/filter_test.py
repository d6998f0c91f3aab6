#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of filter.py: which comments document something, and how they are written."""
import unittest

from filter import filtered


class Filter(unittest.TestCase):
    def test_first_comment_documents_the_file(self):
        self.assertEqual(filtered("// SPDX-License-Identifier: Apache-2.0\n//\n// Numbers.\n#pragma once"),
                         "/** @file\n\nNumbers.\n*/\n#pragma once")

    def test_comment_before_a_declaration_documents_it(self):
        self.assertEqual(filtered("#pragma once\n  // Twice x < 3.\n  int twice(int x);"),
                         "#pragma once\n  /**\n  Twice x \\< 3.\n  */\n  int twice(int x);")
        self.assertEqual(filtered("#pragma once\n/* FROZEN\n * pair */\nstruct pair;"),
                         "#pragma once\n/**\nFROZEN\npair\n*/\nstruct pair;")

    def test_comment_that_stands_alone_documents_nothing(self):
        alone = "#pragma once\n// Numbers.\n\nint one;\n/* ---- texts ---- */\nint two;"
        self.assertEqual(filtered(alone), alone)

    def test_comment_at_the_end_of_a_line_documents_that_member(self):
        self.assertEqual(filtered("#pragma once\nint steps;  // of 100 %"),
                         "#pragma once\nint steps; /**< of 100 \\% */")

    def test_url_in_a_string_is_no_comment(self):
        line = '#pragma once\nauto x = "https://a.b/c";'
        self.assertEqual(filtered(line), line)

    def test_headings_and_examples(self):
        self.assertEqual(filtered("#pragma once\n// A fold.\n//\n//   fold(x);\n//\n// Errors:  none;\n//          ever.\nint x;"),
                         "#pragma once\n/**\nA fold.\n\n@verbatim\n  fold(x);\n\n@endverbatim\n"
                         "@par Errors\nnone;\never.\n*/\nint x;")


if __name__ == "__main__":
    unittest.main()
