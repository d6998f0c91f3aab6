#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the tree that no compiler checks.

Prints one line per violation, path:line: message, and exits 1 if there was any. A rule takes the
tree as a dict from path to text and yields (path, line, message), so that tidy_test.py can show
each of them a small bad tree. Rules register themselves by @rule.
"""
import fnmatch
import os
import re
import subprocess
import sys

RULES = {}

SOURCE = (".c", ".h", ".cpp", ".hpp")
SCRIPT = (".py", ".sh", ".cmake", ".map", "CMakeLists.txt", ".ci/run", ".clang-tidy",
          ".clang-format", ".js", ".css")
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "core", "plugins",
             "samples", "sdk", "tests"}
LINES_MAX = 800
TEACHING_LINES_MAX = 150  # of README.md; reference stands beside the code
SENTENCE_WORDS_MAX = 30
LONG_SENTENCES = ("core/README.md", "tests/bench/quality/")  # a table of rooms, and one of trials
# Folder -> how many assertions its 1,000 lines have at least. The aim is 6 in each; a folder that
# has come closer keeps what it has.
ASSERTIONS_MIN = {"core/plugin": 3, "core/schedule": 1, "core/store": 1, "core/study": 2,
                  "plugins/common/search": 6}

# Folder of plugins/common -> those whose headers it may include.
ROOMS_OF_COMMON = {
    "text": {"text"},
    "data": {"data", "text"},
    "oracle": {"oracle", "text"},
    "search": {"search", "oracle", "text"},
    "train": {"train", "data", "text"},
}

BELOW_STUDY = {"base", "space", "study"}
SIBLINGS = BELOW_STUDY | {"store", "schedule", "plugin", "runner", "insight"}
# Layer -> the layers whose headers it may include.
LAYERS = {
    "base": {"base"},
    "space": {"base", "space"},
    "study": BELOW_STUDY,
    "store": BELOW_STUDY | {"store"},
    "schedule": BELOW_STUDY | {"schedule"},
    "plugin": BELOW_STUDY | {"plugin"},
    "runner": BELOW_STUDY | {"runner"},
    "insight": BELOW_STUDY | {"insight"},
    "document": SIBLINGS | {"document"},
    "project": SIBLINGS | {"document", "project"},
    "import": SIBLINGS | {"document", "project", "import"},
    "tuner": SIBLINGS | {"document", "project", "import", "tuner"},
    "pages": {"pages"},
    "host": {"host"},
    "include": set(),
}
# Beside the facade, pages and the program may use the kernel's text and JSON, so that each exists
# once.
ABOVE_FACADE = {"pages", "host"}
ABOVE_FACADE_MAY = {"base/assert.hpp", "base/base64.hpp", "base/json.hpp", "base/text.hpp"}
# Layers that may read the C contract. The others see error.hpp, which only takes its codes.
SEES_ABI = {"plugin", "runner", "document", "tuner", "include"}
SEES_FACADE = {"document", "project", "import", "tuner", "pages", "host", "include"}
# Header prefix -> the folders that may include it; the kernel builds without the heavy ones.
EXTERNAL = {
    "sqlite3.h": ("core/store/",),
    "CLI/": ("core/host/",),
    "spdlog/": ("core/host/",),
    "boost/dll": ("core/plugin/",),
    "torch/": ("plugins/", "sdk/torch/", "samples/torch_plugin/"),
    "Eigen/": ("plugins/",),
    "iostream": ("core/host/", "tests/", "samples/"),
    "format": (),
    "expected": (),
}

NO_SUBJECT = re.compile(
    r"(?:^|(?<=[.:] ))(?:Whether|What|Who|Whoever|Whose|One (?:that|who)|Those (?:that|who)"
    r"|How (?:many|much|far|often|long))\b")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
PRINTS_OR_EXITS = re.compile(
    r"\b(?:cout|cerr|clog)\b|(?<![\w.>])(?:printf|fprintf|vprintf|vfprintf|puts|fputs|putchar"
    r"|perror|abort|exit|_exit|_Exit|quick_exit|terminate)\s*\(")


def rule(function):
    RULES[function.__name__] = function
    return function


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def code_of(text):
    """The text with comments and literals blanked, line numbers kept."""
    return COMMENT_OR_STRING.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def includes(text):
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1) == '"', match.group(2)


def sources(tree, *folders):
    for path, text in tree.items():
        if path.endswith(SOURCE) and (not folders or path.startswith(folders)):
            yield path, text


def layer_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "core" else None


def reaches_abi(tree, header, seen=None):
    """True if an sdk header includes abi.h or a part of it but the scalars, which error.hpp has."""
    seen = set() if seen is None else seen
    if header == "dodona/abi/scalars.h" or header in seen:
        return False
    seen.add(header)
    if header.startswith("dodona/abi"):
        return True
    text = tree.get("sdk/include/" + header, "")
    return any(reaches_abi(tree, name, seen) for _, _, name in includes(text))


# ---- who may include whom ----------------------------------------------------------------------


@rule
def layers_point_downward(tree):
    for path, text in sources(tree, "core/"):
        layer = layer_of(path)
        if layer not in LAYERS:
            yield path, 1, f"core has no layer '{layer}'; layers are {', '.join(LAYERS)}"
            continue
        for line, quoted, name in includes(text):
            if layer in ABOVE_FACADE and quoted and name in ABOVE_FACADE_MAY:
                continue
            if quoted and name.split("/")[0] not in LAYERS[layer]:
                allowed = ", ".join(sorted(LAYERS[layer])) or "nothing"
                yield path, line, f'"{name}": {layer} may include {allowed}'
            if not quoted and name.startswith("dodona/"):
                yield from facade_and_abi(tree, path, line, layer, name)


def facade_and_abi(tree, path, line, layer, name):
    in_sdk = "sdk/include/" + name in tree
    in_facade = "core/include/" + name in tree
    if not in_sdk and not in_facade:
        yield path, line, f"<{name}> is neither a header of sdk nor of core/include"
    if in_facade and layer not in SEES_FACADE:
        yield path, line, f"<{name}> is the public facade; {layer} lies below it"
    if layer in ABOVE_FACADE and name.startswith("dodona/abi"):
        yield path, line, f"{layer} speaks to the facade, not to the C contract"
    if in_sdk and layer not in SEES_ABI | ABOVE_FACADE and reaches_abi(tree, name):
        yield path, line, f"<{name}> brings abi.h, which {layer} must not see"


@rule
def link_edges_point_downward(tree):
    for path, text in tree.items():
        layer = layer_of(path)
        if layer not in LAYERS or not path.endswith("CMakeLists.txt"):
            continue
        allowed = LAYERS[layer] | (
            {"dodona", "base", "pages"} if layer in ABOVE_FACADE else {"sdk"})
        for match in re.finditer(r"\bdodona::(\w+)", re.sub(r"#.*", "", text)):
            if match.group(1) not in allowed:
                yield path, line_of(text, match.start()), (
                    f"{layer} links {match.group()}; it may link {', '.join(sorted(allowed))}")


@rule
def common_points_downward(tree):
    for path, text in sources(tree, "plugins/common/"):
        room = path.split("/")[2]
        if room not in ROOMS_OF_COMMON:
            yield path, 1, f"plugins/common has no {room}; it has {', '.join(ROOMS_OF_COMMON)}"
            continue
        for line, quoted, name in includes(text):
            if quoted and name.startswith("common/") and name.split("/")[1] not in ROOMS_OF_COMMON[room]:
                allowed = ", ".join(sorted(ROOMS_OF_COMMON[room]))
                yield path, line, f'"{name}": {room} of plugins/common may include {allowed}'


@rule
def plugins_see_sdk_and_common(tree):
    for path, text in sources(tree, "plugins/"):
        folder = os.path.dirname(path)
        own = folder.split("/", 1)[1] + "/"
        for line, quoted, name in includes(text):
            beside = f"{folder}/{name}" in tree and "/" not in name
            if quoted and not beside and not name.startswith(("common/", own)):
                yield path, line, f'"{name}": a plugin sees sdk, plugins/common and its own folder'
            if name.startswith("dodona/") and not in_sdk(tree, name):
                yield path, line, f"<{name}> is not a header of sdk"


def in_sdk(tree, name):
    return any(top + name in tree for top in ("sdk/include/", "sdk/torch/include/"))


@rule
def sdk_stands_alone(tree):
    for path, text in sources(tree, "sdk/"):
        for line, quoted, name in includes(text):
            if quoted:
                yield path, line, f'"{name}": headers of sdk are named <dodona/...>'
            elif name.startswith("dodona/") and not in_sdk(tree, name):
                yield path, line, f"<{name}> is not a header of sdk"
            elif path.startswith("sdk/torch/") and name.startswith("torch/"):
                continue
            elif not name.startswith("dodona/") and "/" in name and not name.startswith("sys/"):
                yield path, line, f"<{name}>: sdk needs nothing but the standard library"


@rule
def external_headers_stay_in_their_place(tree):
    for path, text in sources(tree):
        for line, _, name in includes(text):
            for prefix, folders in EXTERNAL.items():
                exact = name == prefix or (not prefix.endswith(".h") and name.startswith(
                    prefix if prefix.endswith("/") else prefix + "/"))
                test = path.startswith("tests/") and prefix not in ("format", "expected")
                if exact and not test and not path.startswith(folders or ("\0",)):
                    where = " and ".join(folders) or "no place: gcc 12 lacks it"
                    yield path, line, f"<{name}> belongs to {where}"


# ---- what code may do ----------------------------------------------------------------------------


@rule
def only_host_prints_or_exits(tree):
    for path, text in sources(tree, "core/", "plugins/", "sdk/include/", "sdk/torch/"):
        if path.startswith("core/host/"):
            continue
        code = code_of(text)
        for match in PRINTS_OR_EXITS.finditer(code):
            yield path, line_of(code, match.start()), (
                f"'{match.group().strip()}': only core/host prints or exits")


@rule
def unit_tests_do_not_sleep(tree):
    for path, text in sources(tree, "tests/unit/"):
        code = code_of(text)
        for match in re.finditer(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b", code):
            yield path, line_of(code, match.start()), "a fake clock or a condition, not a sleep"


@rule
def abi_slots_name_their_threads(tree):
    for path, header in sources(tree, "sdk/include/dodona/abi/"):
        comment = ""
        for number, line in enumerate(header.split("\n"), 1):
            text = line.strip()
            if text.startswith("/*"):
                comment = text
            elif text.startswith("*"):
                comment += text
            elif re.match(r"  \w[\w* ]*\((?:DODONA_CALL)?\* ?\w+\)\(", line):
                if not re.search(r"\[(any|study|trial)\]", comment):
                    yield path, number, "a slot without its thread tag: [any], [study] or [trial]"
                comment = ""
            elif text.endswith(";"):
                comment = ""


# ---- files ---------------------------------------------------------------------------------------


@rule
def top_level_is_the_agreed_one(tree):
    for name in sorted({path.split("/")[0] for path in tree}):
        if not name.startswith(".") and name not in TOP_LEVEL:
            yield name, 1, f"top level beyond the agreed one: {', '.join(sorted(TOP_LEVEL))}"


@rule
def files_have_a_licence_line(tree):
    for path, text in tree.items():
        if path.endswith(SOURCE + SCRIPT):
            if "SPDX-License-Identifier: Apache-2.0" not in "".join(text.splitlines(True)[:3]):
                yield path, 1, "no 'SPDX-License-Identifier: Apache-2.0' in the first three lines"


@rule
def files_are_short(tree):
    for path, text in tree.items():
        if path.endswith(SOURCE + SCRIPT) and text.count("\n") > LINES_MAX:
            yield path, LINES_MAX, f"longer than {LINES_MAX} lines; split it by idea"
        if path == "README.md" and text.count("\n") > TEACHING_LINES_MAX:
            yield path, TEACHING_LINES_MAX, (
                f"longer than {TEACHING_LINES_MAX} lines; reference stands beside the code")


@rule
def rooms_assert(tree):
    for folder, least in ASSERTIONS_MIN.items():
        share = assertions_per_1000_lines(tree, folder)
        if share is not None and share < least:
            yield folder, 1, f"{share:.1f} assertions per 1,000 lines; at least {least}"


def assertions_per_1000_lines(tree, folder):
    """DODONA_ASSERT and static_assert in the sources of a folder; None where it has none."""
    texts = [text for _, text in sources(tree, folder + "/")]
    lines = sum(text.count("\n") for text in texts)
    count = sum(len(re.findall(r"\b(?:DODONA_ASSERT|static_assert)\s*\(", code_of(text)))
                for text in texts)
    return 1000 * count / lines if lines else None


@rule
def unit_tests_mirror_the_tree(tree):
    for path in tree:
        match = re.fullmatch(r"tests/unit/(\w+)/(.+)_test\.cpp", path)
        if not match:
            continue
        folder, unit = match.groups()
        homes = {"sdk": "sdk/include/dodona", "plugins": "plugins/**"}
        home = homes.get(folder, "core/" + folder)
        if not any(matches(tree, f"{home}/{unit}{suffix}") for suffix in SOURCE):
            yield path, 1, f"tests no {home}/{unit}.cpp or .hpp"


def matches(tree, pattern):
    if "*" in pattern:
        return any(fnmatch.fnmatch(path, pattern) for path in tree)
    return pattern in tree


# ---- texts ---------------------------------------------------------------------------------------


@rule
def named_paths_exist(tree):
    folders = {path[:i] for path in tree for i, c in enumerate(path) if c == "/"}
    for path, text in tree.items():
        if path.endswith(".md"):
            for line, name in paths_in(text):
                if not exists(tree, folders, os.path.dirname(path), name):
                    yield path, line, f"'{name}' does not exist"


def paths_in(text):
    """Paths in backticks, links and code blocks; trees in code blocks by their indentation."""
    fenced, parents = False, []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            fenced, parents = not fenced, []
            continue
        if fenced:
            entry = re.match(r"( *)([\w.-]+/)(?:\s|$)", line)
            if entry:
                indent = len(entry.group(1))
                parents = [p for p in parents if p[0] < indent] + [(indent, entry.group(2))]
                yield number, "".join(name for _, name in parents).rstrip("/")
                continue
            spans = line.split()
        else:
            spans = re.findall(r"`([^`]+)`", line) + re.findall(r"\]\(([^)#]+)[^)]*\)", line)
        for span in spans:
            for word in span.split():
                if is_path(word):
                    yield number, word.rstrip("/.,:;")


def is_path(word):
    if not re.fullmatch(r"[\w./*-]+", word) or word.startswith(("/", "-")):
        return False
    first = word.split("/")[0]
    if "/" in word:
        return first in TOP_LEVEL | {".ci", ".", ".."}
    return word.endswith((".cpp", ".hpp", ".sh", ".cmake", ".md", ".map"))


def exists(tree, folders, base, name):
    for candidate in (name, os.path.normpath(os.path.join(base, name))):
        if candidate in folders or matches(tree, candidate):
            return True
    return "/" not in name and any(path.endswith("/" + name) for path in tree)


@rule
def shown_code_is_the_samples(tree):
    """A code block with a language stands below `<!-- from PATH -->` and is found there as it is."""
    for path, text in tree.items():
        if not path.endswith(".md"):
            continue
        for line, source, block in shown_blocks(text):
            if source is None:
                yield path, line, "code that no file has: write '<!-- from PATH -->' above it"
            elif source not in tree:
                yield path, line, f"'{source}' does not exist"
            else:
                missing = first_line_missing(block, tree[source].split("\n"))
                if missing is not None:
                    yield path, line + 1 + missing, (
                        f"'{block[missing].strip()}' does not stand here in {source}")


def shown_blocks(text):
    """(line, path that the comment above names or None, lines) of each block with a language."""
    block = None
    source = None
    for number, line in enumerate(text.split("\n"), 1):
        if block is not None and line.startswith("```"):
            if language:
                yield start, source, block
            block = source = None
        elif block is not None:
            block.append(line)
        elif line.startswith("```"):
            block, start, language = [], number, line[3:].strip()
        else:
            found = re.fullmatch(r"<!-- from (\S+) -->", line)
            source = found.group(1) if found else None


def first_line_missing(block, file):
    """Index of the first line of the block that the file lacks at its place; None: it has them all.

    A line of dots in the block leaves lines out; else its lines follow each other in the file, at
    any common indentation.
    """
    at, done = 0, 0
    while done < len(block):
        if block[done].strip(" /#") == "...":
            done += 1
            continue
        end = next((i for i in range(done, len(block)) if block[i].strip(" /#") == "..."), len(block))
        piece = block[done:end]
        best, place = max(((run_length(piece, file, i), -i) for i in range(at, len(file))),
                          default=(0, 0))
        if best < len(piece):
            return done + best
        at, done = -place + len(piece), end
    return None


def run_length(piece, file, start):
    """The number of lines of the piece that stand in the file from `start` on."""
    shift = None
    for i, line in enumerate(piece):
        if start + i >= len(file) or line.strip() != file[start + i].strip():
            return i
        if line.strip():
            here = indentation(file[start + i]) - indentation(line)
            shift = here if shift is None else shift
            if here != shift:
                return i
    return len(piece)


def indentation(line):
    return len(line) - len(line.lstrip(" "))


@rule
def pages_have_short_sentences(tree):
    for path, text in tree.items():
        if os.path.basename(path) != "README.md" or path.startswith(LONG_SENTENCES):
            continue
        fenced = False
        for number, line in enumerate(text.split("\n"), 1):
            fenced ^= line.startswith("```")
            # Tables of options are what the plugins' own help says.
            if re.match(r"<!-- options of .*: (begin|end) -->", line):
                fenced = line.endswith(": begin -->")
            for cell in [] if fenced else line.split("|") if line.startswith("|") else [line]:
                plain = re.sub(r"\]\([^)]*\)", "]", cell)
                for sentence in re.split(r"(?<=[.!?])\s+", plain):
                    if len(sentence.split()) > SENTENCE_WORDS_MAX:
                        yield path, number, (
                            f"a sentence of {len(sentence.split())} words; at most "
                            f"{SENTENCE_WORDS_MAX}: '{sentence.strip()[:50]}...'")


@rule
def todos_carry_a_reason(tree):
    for path, text in tree.items():
        if path.startswith("tests/tidy/"):
            continue
        for match in re.finditer(r"\b(?:TODO(?!\([^)]{8,}\): \S)|FIXME|XXX|HACK)\b", text):
            yield path, line_of(text, match.start()), (
                f"'{match.group()}' without a reason: TODO(why it waits): what")


@rule
def comments_name_their_subject(tree):
    """No sentence of a comment begins with a question word: it says what a thing is, not whether."""
    for path, text in sources(tree):
        for line, comment in comments(text):
            for found in NO_SUBJECT.finditer(comment):
                yield path, line, f"'{found.group()}' is no subject of a sentence"


def comments(text):
    """(line, words) of each comment; lines of // that follow one another are one comment."""
    start, words = 0, []
    for number, line in enumerate(text.split("\n"), 1):
        alone = re.match(r"\s*//\s?(.*)", line)
        if alone:
            start = start or number
            words.append(alone.group(1).strip())
            continue
        if start:
            yield start, " ".join(words)
            start, words = 0, []
        behind = re.search(r"[;,{})]\s+//\s(.*)", line)
        if behind:
            yield number, behind.group(1)
    if start:
        yield start, " ".join(words)
    for found in re.finditer(r"/\*(.*?)\*/", text, re.S):
        tagless = re.sub(r"^(?:\[\w+\]|GROWABLE\.|FROZEN\.|optional[.,])\s*", "",
                         " ".join(re.sub(r"\n\s*\*", "\n", found.group(1)).split()))
        yield line_of(text, found.start()), tagless


@rule
def no_path_of_a_machine(tree):
    for path, text in tree.items():
        if path.startswith("tests/tidy/") or path == ".gitignore":
            continue
        for match in re.finditer(r"(?<![\w./$}])/(?:root|home|work|farm|tmp|mnt)/\w[\w/.-]*", text):
            yield path, line_of(text, match.start()), f"'{match.group()}' is a path of one machine"


@rule
def clang_tidy_checks_have_one_sign(tree):
    text = tree.get(".clang-tidy", "")
    found = re.search(r"^Checks:(.*?)^\w", text, re.S | re.M)
    entries = re.findall(r"-?[a-z][\w.*-]*", re.sub(r"#.*", "", found.group(1))) if found else []
    for entry in entries:
        if "-" + entry in entries:
            yield ".clang-tidy", 1, f"'{entry}' is listed with both signs"
    for match in re.finditer(r"key:\s*'?([a-z-]+)\.\w+", text):
        enabled = [entry for entry in entries if fnmatch.fnmatch(match.group(1), entry.lstrip("-"))]
        if not enabled or enabled[-1].startswith("-"):
            yield ".clang-tidy", line_of(text, match.start()), (
                f"an option of '{match.group(1)}', which is off")


# ---- the real tree -------------------------------------------------------------------------------


def read_tree(root):
    """All files that git tracks or would track; without git, all but build and dot-folders."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
        capture_output=True, check=False) if os.path.exists(root + "/.git") else None
    if listing and listing.returncode == 0:
        paths = listing.stdout.decode().split("\0")
    else:
        paths = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f not in ("build", "runs", ".git", ".cache")]
            paths += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    tree = {}
    for path in paths:
        full = os.path.join(root, path)
        if path and os.path.isfile(full):
            try:
                with open(full, encoding="utf-8") as file:
                    tree[path] = file.read()
            except UnicodeDecodeError:
                tree[path] = ""  # a picture, or a binary fixture
    return tree


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    tree = read_tree(root)
    violations = [found for check in RULES.values() for found in check(tree)]
    for path, line, message in sorted(violations):
        print(f"{path}:{line}: {message}")
    shares = [(folder, assertions_per_1000_lines(tree, folder)) for folder in ASSERTIONS_MIN]
    print("assertions per 1,000 lines: " + ", ".join(
        f"{folder} {share:.1f}" for folder, share in shares if share is not None))
    print(f"{len(tree)} files, {len(RULES)} rules, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
