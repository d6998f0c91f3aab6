#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tester, tested: every rule of tidy.py refuses its bad trees and passes its good ones."""
import unittest

import tidy

SDK = {
    "sdk/include/dodona/abi.h": "#include <dodona/abi/space.h>\n",
    "sdk/include/dodona/abi/scalars.h": "#include <stdint.h>\n",
    "sdk/include/dodona/abi/space.h": "#include <dodona/abi/scalars.h>\n",
    "sdk/include/dodona/error.hpp": "#include <dodona/abi/scalars.h>\n",
    "sdk/include/dodona/space.hpp": "#include <dodona/error.hpp>\n",
    "sdk/include/dodona/oracle.hpp": "#include <dodona/host.hpp>\n",
    "sdk/include/dodona/host.hpp": "#include <dodona/abi.h>\n",
    "core/include/dodona/tuner.hpp": "#include <dodona/oracle.hpp>\n",
}
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"
TODO = "TO" + "DO"
SLOT = ("struct s {\n  /* %s Asks. */\n  void(DODONA_CALL* ask)(void*,\n"
        "                         void(DODONA_CALL* body)(void*) DODONA_NOEXCEPT) DODONA_NOEXCEPT;\n};\n")


def with_sdk(**files):
    """A tree with the sdk; keys say where by their first words: space_x -> core/space/x.cpp."""
    return {**SDK, **{"core/" + key.replace("_", "/", 1) + ".cpp": f"#include {name}\n"
                      for key, name in files.items()}}


def shown(block):
    """A tree with a page that shows the block as a part of samples/x.cpp."""
    return {"README.md": f"<!-- from samples/x.cpp -->\n```cpp\n{block}\n```\n",
            "samples/x.cpp": "int x;\n\nint main() {\n  run();\n  stop();\n}\n"}


# Rule -> (bad trees, good trees).
CASES = {
    "layers_point_downward": (
        [with_sdk(space_x='"study/event.hpp"'),
         with_sdk(store_x='"schedule/scheduler.hpp"'),
         with_sdk(plugin_x='"store/sqlite.hpp"'),
         with_sdk(study_x='"x.hpp"'),
         with_sdk(host_x='"tuner/project.hpp"'),
         with_sdk(host_x='"base/file.hpp"'),
         with_sdk(host_x="<dodona/abi.h>"),
         with_sdk(common_x="<string>"),
         with_sdk(store_x="<dodona/abi.h>"),
         with_sdk(study_x="<dodona/abi/space.h>"),
         with_sdk(study_x="<dodona/oracle.hpp>"),
         with_sdk(study_x="<dodona/tuner.hpp>"),
         with_sdk(tuner_x="<dodona/absent.hpp>"),
         {**SDK, "core/include/dodona/study.hpp": '#include "tuner/project.hpp"\n'}],
        [with_sdk(space_x='"base/json.hpp"', plugin_x="<dodona/abi.h>", study_x='"study/e.hpp"',
                  store_x="<dodona/error.hpp>", space_y="<dodona/space.hpp>",
                  tuner_x='"plugin/catalogue.hpp"', host_x="<dodona/tuner.hpp>",
                  host_y='"host/table.hpp"', host_z='"base/json.hpp"')]),
    "link_edges_point_downward": (
        [{"core/base/CMakeLists.txt": "dodona_layer(base DEPENDS dodona::space)"},
         {"core/host/CMakeLists.txt": "dodona_layer(host DEPENDS dodona::tuner)"},
         {"core/store/CMakeLists.txt": "dodona_layer(store\n DEPENDS dodona::plugin)"}],
        [{"core/base/CMakeLists.txt": "dodona_layer(base DEPENDS dodona::sdk) # dodona::study",
          "core/host/CMakeLists.txt": "dodona_layer(host DEPENDS dodona::dodona USES dodona::base)",
          "core/tuner/CMakeLists.txt": "dodona_layer(tuner DEPENDS dodona::store)"}]),
    "common_points_downward": (
        [{"plugins/common/oracle/x.hpp": '#include "common/search/y.hpp"\n'},
         {"plugins/common/data/x.cpp": '#include "common/train/y.hpp"\n'},
         {"plugins/common/text/x.hpp": '#include "common/data/y.hpp"\n'},
         {"plugins/common/more/x.hpp": ""}],
        [{"plugins/common/search/x.cpp": '#include "common/oracle/y.hpp"\n#include "common/text/z.hpp"\n',
          "plugins/common/train/x.cpp": '#include "common/data/y.hpp"\n#include <dodona/error.hpp>\n'}]),
    "plugins_see_sdk_and_common": (
        [{**SDK, "plugins/oracles/a/a.cpp": '#include "base/json.hpp"\n'},
         {**SDK, "plugins/oracles/a/a.cpp": '#include "oracles/b/b.hpp"\n'},
         {**SDK, "plugins/oracles/a/a.cpp": '#include "b.hpp"\n', "plugins/oracles/b/b.hpp": ""},
         {**SDK, "plugins/oracles/a/a.cpp": "#include <dodona/tuner.hpp>\n"}],
        [{**SDK, "plugins/oracles/a/a.cpp": '#include "oracles/a/b.hpp"\n#include "common/x.hpp"\n'
          "#include <dodona/oracle.hpp>\n#include <torch/torch.h>\n#include \"c.hpp\"\n",
          "plugins/oracles/a/c.hpp": ""}]),
    "sdk_stands_alone": (
        [{**SDK, "sdk/include/dodona/x.hpp": '#include "error.hpp"\n'},
         {**SDK, "sdk/include/dodona/x.hpp": "#include <dodona/tuner.hpp>\n"},
         {**SDK, "sdk/include/dodona/x.hpp": "#include <boost/json.hpp>\n"},
         {**SDK, "sdk/include/dodona/x.hpp": "#include <torch/nn/module.h>\n"}],
        [SDK, {**SDK, "sdk/torch/include/dodona/train/y.hpp": "#include <torch/nn/module.h>\n",
               "sdk/torch/include/dodona/train/z.hpp": "#include <dodona/train/y.hpp>\n"}, {**SDK, "sdk/cmake/x.c": "#include <sys/stat.h>\n#include <dodona/abi.h>\n"}]),
    "external_headers_stay_in_their_place": (
        [{"core/study/x.cpp": "#include <sqlite3.h>\n"},
         {"core/host/x.cpp": "#include <torch/torch.h>\n"},
         {"core/tuner/x.cpp": "#include <boost/dll/shared_library.hpp>\n"},
         {"plugins/sinks/x/x.cpp": "#include <iostream>\n"},
         {"core/base/x.cpp": "#include <format>\n"},
         {"tests/unit/base/x_test.cpp": "#include <expected>\n"}],
        [{"core/store/x.cpp": "#include <sqlite3.h>\n", "core/host/x.cpp": "#include <CLI/CLI.hpp>\n",
          "tests/e2e/x.cpp": "#include <iostream>\n#include <sqlite3.h>\n"}]),
    "only_host_prints_or_exits": (
        [{"core/base/x.cpp": text} for text in (
            "std::cout << 1;", "fprintf(stderr, s);", "std::abort();", "exit(1);",
            "std::terminate();", "::_exit(3);")] + [{"plugins/oracles/a/a.cpp": "puts(s);"}],
        [{"core/host/x.cpp": "std::cout << 1; exit(2);",
          "core/base/x.cpp": '// exit(1)\n/* abort() */ log("exit(1)"); snprintf(b, 1, s); '
          "on_exit(); state.exit(); auto s = R\"(puts(1))\";",
          "sdk/cmake/manifest.c": "exit(1);"}]),
    "unit_tests_do_not_sleep": (
        [{"tests/unit/base/x_test.cpp": "std::this_thread::sleep_for(1ms);"}],
        [{"tests/unit/base/x_test.cpp": "// sleep_for is not used\nclock.advance(1);",
          "tests/e2e/x_test.cpp": "usleep(1);"}]),
    "abi_slots_name_their_threads": (
        [{"sdk/include/dodona/abi/x.h": SLOT % "Asks"},
         {"sdk/include/dodona/abi/x.h": (SLOT % "[any]").replace("};", "  int (*next)(void);\n};")}],
        [{"sdk/include/dodona/abi/x.h": SLOT % "[any]"},
         {"sdk/include/dodona/abi/x.h": SLOT % "Asks\n   * and waits. [trial]"}]),
    "top_level_is_the_agreed_one": (
        [{"docs/x.md": ""}, {"Makefile": ""}],
        [{"core/x.cpp": "", ".ci/run": "", "LICENSE": ""}]),
    "files_have_a_licence_line": (
        [{"core/base/x.cpp": "#pragma once\n"}, {"tests/run.sh": "#!/bin/sh\n"},
         {"core/CMakeLists.txt": "\n\n\n\n" + SPDX}],
        [{"tests/run.sh": "#!/bin/sh\n" + SPDX, "README.md": "words", "samples/x.json": "{}"}]),
    "files_are_short": (
        [{"core/base/x.cpp": "\n" * 801}, {"README.md": "\n" * 151}],
        [{"core/base/x.cpp": "\n" * 800, "LICENSE": "\n" * 900, "README.md": "\n" * 150,
          "core/README.md": "\n" * 151}]),
    "rooms_assert": (
        [{"core/plugin/x.cpp": "x();\n" * 1000},
         {"core/plugin/x.cpp": "// DODONA_ASSERT(x);\n" * 1000},
         {"core/plugin/x.cpp": "DODONA_ASSERT(x);\n" * 5, "core/plugin/y.cpp": "\n" * 2000}],
        [{"core/base/x.cpp": "\n" * 1000}, {"core/plugin/x.cpp": "DODONA_ASSERT(x);\n"},
         {"core/plugin/x.cpp": "static_assert(sizeof(x) == 4);\n" * 6 + "\n" * 900}]),
    "unit_tests_mirror_the_tree": (
        [{"tests/unit/base/x_test.cpp": "", "core/space/x.cpp": ""},
         {"tests/unit/sdk/x_test.cpp": "", "core/sdk/x.cpp": ""},
         {"tests/unit/plugins/x_test.cpp": "", "core/base/x.cpp": ""}],
        [{"tests/unit/base/x_test.cpp": "", "core/base/x.hpp": "",
          "tests/unit/sdk/y_test.cpp": "", "sdk/include/dodona/y.hpp": "",
          "tests/unit/plugins/z_test.cpp": "", "plugins/oracles/z/z.cpp": ""}]),
    "named_paths_exist": (
        [{"README.md": "see `core/absent.cpp`"},
         {"README.md": "see [this](core/absent.md#part)"},
         {"README.md": "the file `absent.hpp`"},
         {"README.md": "```\ncore/\n  absent/   nothing\n```", "core/x.cpp": ""},
         {"README.md": "```\nsamples/absent.sh --help\n```"},
         {"core/README.md": "see `../tests/absent.sh`"}],
        [{"README.md": "`core/base/x.cpp` [x](core/base) `x.cpp` `core/*/x.cpp` `trials/<id>/best` "
          "`build/dev/bin/dodona`\n```\ncore/\n  base/  words\n```\n",
          "core/base/x.cpp": "", "core/README.md": "`base/x.cpp` and `../README.md`"}]),
    "shown_code_is_the_samples": (
        [{"README.md": "```cpp\nint x;\n```\n"},
         {"README.md": "<!-- from samples/x.cpp -->\n```cpp\nint x;\n```\n"},
         shown("int main() {\n  run(1);"),
         shown("int main() {\nrun();"),
         shown("  run();\n  // ...\nint main() {"),
         shown("int x;\nint main() {"),
         {**shown("int x;"), "README.md": "<!-- from samples/x.cpp -->\n\n```cpp\nint x;\n```\n"}],
        [shown("int main() {\n  run();"), shown("run();\nstop();"),
         shown("int x;\n// ...\nint main() {\n  // ...\n  stop();"),
         {"README.md": "```\nmake\n```\n"}]),
    "pages_have_short_sentences": (
        [{"README.md": "word " * 31}, {"sdk/README.md": "| a | " + "word " * 31 + "|"}],
        [{"README.md": "Word " * 29 + "end. " + "word " * 30 + "\n```\n" + "word " * 40 + "\n```\n",
          "sdk/README.md": "| a " * 40 + "|", "core/decisions/0001-x.md": "word " * 40}]),
    "todos_carry_a_reason": (
        [{"core/base/x.cpp": f"// {TODO}: later"}, {"core/base/x.cpp": f"// {TODO}(me): later"},
         {"README.md": "FIX" + "ME"}],
        [{"core/base/x.cpp": f"// {TODO}(needs the PostgreSQL store): claim in one statement"}]),
    "comments_name_their_subject": (
        [{"sdk/x.hpp": "// Whether it is there.\n"},
         {"sdk/x.hpp": "// The name.\n// What it is.\n"},
         {"sdk/x.hpp": "int x;  // How many there are\n"},
         {"sdk/x.h": "/* [any] Whether it stops.\n * Soon. */\n"}],
        [{"sdk/x.hpp": "// True if it is there: a size, whatever it is.\nint x;  // number of them\n",
          "sdk/x.h": "/* [any] 1 if it stops */\n", "sdk/y.cpp": 'f("// What");\n'}]),
    "no_path_of_a_machine": (
        [{"README.md": "in /" + "root/x"}, {"core/base/x.cpp": 'open("/' + 'tmp/file")'}],
        [{"README.md": "/usr/share/datasets, ${TMPDIR:-/tmp}, $dir/tmp/x, core/work/x",
          ".gitignore": "/" + "work/x"}]),
    "clang_tidy_checks_have_one_sign": (
        [{".clang-tidy": "Checks: >\n  bugprone-x,\n  -bugprone-x\nWarningsAsErrors: '*'\n"},
         {".clang-tidy": "Checks: 'a-b'\nCheckOptions:\n  - {key: c-d.Size, value: 1}\n"},
         {".clang-tidy": "Checks: 'a-b,-a-*'\nCheckOptions:\n  - {key: a-b.Size, value: 1}\n"}],
        [{".clang-tidy": "Checks: >\n  a-*,\n  -a-b\nCheckOptions:\n  - {key: a-c.S, value: 1}\n"}]),
}


class Rules(unittest.TestCase):
    def test_every_rule_has_cases(self):
        self.assertEqual(sorted(CASES), sorted(tidy.RULES))

    def test_bad_trees_are_refused(self):
        for name, (bad, _) in CASES.items():
            for tree in bad:
                with self.subTest(rule=name, tree=tree):
                    found = list(tidy.RULES[name](tree))
                    self.assertNotEqual(found, [])
                    for path, line, message in found:
                        self.assertTrue(path and line > 0 and message)

    def test_good_trees_pass(self):
        for name, (_, good) in CASES.items():
            for tree in good:
                with self.subTest(rule=name, tree=tree):
                    self.assertEqual(list(tidy.RULES[name](tree)), [])


if __name__ == "__main__":
    unittest.main()
