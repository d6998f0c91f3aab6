# SPDX-License-Identifier: Apache-2.0
"""The C contract as data: structs, types, constants and functions of dodona/abi/*.h.

Names and texts are read here; every number comes from the compiler, which is also asked if each
type is the one that was read. Standard library alone.
"""
import json
import os
import re
import subprocess
import tempfile

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\w+|\.\.\.|<<|\S', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
DEFINE = re.compile(r"#\s*define\s+(DODONA_\w+)[ \t]+(\S.*)", re.S)
SIZE_MIN = re.compile(r"DODONA_SIZE_TO\((\w+), (\w+)\)")
# Words of the language, not constants of the contract.
WORDS = {"DODONA_NOEXCEPT", "DODONA_CALL", "DODONA_EXPORT", "DODONA_C_BEGIN", "DODONA_C_END"}


class ContractError(Exception):
    """The headers cannot be read, or break a rule that all of them keep."""


class Member:
    """A member of a struct: `start` and `end` are the offsets of its declaration in the header."""

    def __init__(self, name, type_text, start, end):
        self.name, self.type, self.start, self.end = name, type_text, start, end


class Struct:
    """A struct of a header; `end` is the offset of its closing brace, `last` its last member of 1.0."""

    def __init__(self, name, layout, members, header, end):
        self.name, self.layout, self.members, self.header, self.end = name, layout, members, header, end
        self.last = None


class Contract:
    """What the headers of a folder declare, in their order."""

    def __init__(self, folder):
        self.folder = folder  # that holds dodona/abi.h
        self.structs, self.types, self.enumerators = {}, {}, []
        self.macros, self.functions = {}, {}
        parts = os.path.join(folder, "dodona", "abi")
        for name in sorted(os.listdir(parts)):
            if name.endswith(".h"):
                _Header(self, os.path.join(parts, name)).read()


class _Header:
    def __init__(self, contract, path):
        self.contract, self.path = contract, path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        # Blanked in place, so that offsets stay.
        self.code = DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), self.text)
        self.tokens = [(found.group(), found.start(), found.end())
                       for found in TOKEN.finditer(self.code)]
        self.at = 0

    def fail(self, offset, message):
        line = self.text.count("\n", 0, offset) + 1
        raise ContractError(f"{os.path.basename(self.path)}:{line}: {message}")

    def read(self):
        comment = ""
        while self.at < len(self.tokens):
            token, start, _ = self.tokens[self.at]
            if token.startswith("/*") or token.startswith("//"):
                comment = token
                self.at += 1
            elif token in ("DODONA_C_BEGIN", "DODONA_C_END"):
                self.at += 1
            else:
                self.declaration(self.statement(), comment, start)
                comment = ""
        self.defines()

    def statement(self):
        """The tokens up to a semicolon outside of all brackets, without it."""
        depth, first = 0, self.at
        while self.at < len(self.tokens):
            token = self.tokens[self.at][0]
            depth += (token in "({[") - (token in ")}]")
            self.at += 1
            if token == ";" and depth == 0:
                return self.tokens[first:self.at - 1]
        return self.fail(self.tokens[first][1], "a declaration without its semicolon")

    def declaration(self, tokens, comment, start):
        words = [token for token, _, _ in tokens if not token.startswith("/*")]
        if words[0] == "enum":
            inside = words[words.index("{") + 1:words.index("}")]
            self.contract.enumerators += [word for i, word in enumerate(inside)
                                          if i == 0 or inside[i - 1] == ","]
        elif "{" in words and words[words.index("{") - 2] == "struct":
            self.struct(tokens, comment, start)
        elif words[0] == "typedef" and words[1] != "struct":
            self.contract.types[words[-1]] = render(words[1:-1])
        elif "(" in words:
            place = words.index("(") - 1
            self.contract.functions[words[place]] = render(
                [word for word in words[:place] + words[place + 1:] if word != "DODONA_EXPORT"])
        elif words[0] not in ("typedef", "struct"):
            self.fail(start, f"a declaration that the gate does not read: {' '.join(words)}")

    def struct(self, tokens, comment, start):
        opened = next(i for i, token in enumerate(tokens) if token[0] == "{")
        closed = max(i for i, token in enumerate(tokens) if token[0] == "}")
        name = tokens[opened - 1][0]
        layout = re.search(r"\b(FROZEN|GROWABLE)\b", comment)
        if not layout:
            self.fail(start, f"{name}: its comment says neither FROZEN nor GROWABLE")
        members, depth, first = [], 0, None
        for token in tokens[opened + 1:closed]:
            if first is None and token[0].startswith("/*"):
                continue
            first = first or []
            first.append(token)
            depth += (token[0] in "({[") - (token[0] in ")}]")
            if token[0] == ";" and depth == 0:
                members += self.members(first)
                first = None
        if name in self.contract.structs:
            self.fail(start, f"{name} is declared twice")
        self.contract.structs[name] = Struct(name, layout.group(1), members, self.path,
                                             tokens[closed][1])

    def members(self, tokens):
        """The member that the tokens declare; of a union, its alternatives too."""
        start, end = tokens[0][1], tokens[-1][2]
        words = [token for token, _, _ in tokens if not token.startswith("/*")][:-1]
        if words[0] == "union":
            name = words[-1]
            inside, found = words[words.index("{") + 1:words.index("}")], []
            while inside:
                stop = inside.index(";")
                found.append(self.member(inside[:stop], start, end, name + "."))
                inside = inside[stop + 1:]
            return [Member(name, "union", start, end)] + found
        return [self.member(words, start, end, "")]

    def member(self, words, start, end, prefix):
        if "(" in words:
            self.slots(words, start)
            place = words.index("*", words.index("(")) + 1
        elif words[-1] == "]":
            place = len(words) - 4
        else:
            place = len(words) - 1
        if "," in words and "(" not in words or not re.fullmatch(r"[a-z]\w*", words[place]):
            self.fail(start, f"not one plain member: {' '.join(words)}")
        return Member(prefix + words[place], render(words[:place] + words[place + 1:]), start, end)

    def slots(self, words, start):
        """Every function type has DODONA_CALL, and DODONA_NOEXCEPT behind its parameters."""
        for i, word in enumerate(words):
            if word == "(" and words[i + 1] == "*":
                self.fail(start, f"{words[i + 2]} without DODONA_CALL")
            if word != "DODONA_CALL":
                continue
            depth, at = 0, i + 4
            while depth or at == i + 4:
                depth += (words[at] == "(") - (words[at] == ")")
                at += 1
            if words[at:at + 1] != ["DODONA_NOEXCEPT"]:
                self.fail(start, f"{words[i + 2]} without DODONA_NOEXCEPT")

    def defines(self):
        for found in DIRECTIVE.finditer(self.text):
            define = DEFINE.match(found.group().strip())
            if not define or define.group(1) in WORDS:
                continue
            name = define.group(1)
            value = re.sub(r"/\*.*?\*/|/\*.*", "", define.group(2), flags=re.S).strip()
            if name.endswith("_SIZE_MIN"):
                size = SIZE_MIN.fullmatch(" ".join(value.split()))
                if not size or size.group(1) not in self.contract.structs:
                    self.fail(found.start(), f"{name} is not DODONA_SIZE_TO of a struct before it")
                self.contract.structs[size.group(1)].last = size.group(2)
            elif value:
                self.contract.macros[name] = value


def render(words):
    """C as the record shows it: one space where two words meet, and no more."""
    text = ""
    for word in words:
        if word in ("DODONA_CALL", "DODONA_NOEXCEPT"):
            continue
        if re.match(r"\w", word) and re.search(r"[\w,]$|(?<!\()\*$", text):
            text += " "
        text += word
    return text


# ---- what the compiler says ------------------------------------------------------------------------


def probe_source(contract):
    """A C program that prints sizes, offsets and values, and compiles only if each type is right."""
    lines = ["#include <dodona/abi.h>", "#include <stdio.h>",
             "#define NUMBER(x) ((x) < 0 ? printf(\"%lld\", (long long)(x)) \\",
             "                           : printf(\"%llu\", (unsigned long long)(x)))",
             "int main(void) {", '  printf("{\\"pointer\\": %zu", sizeof(void*));']

    def number(name, value):
        lines.append(f'  printf(",\\n\\"{name}\\": "); NUMBER({value});')

    def same(name, one, other):
        lines.append(f"  _Static_assert(__builtin_types_compatible_p({one}, {other}), \"{name}\");")

    for struct in contract.structs.values():
        number(struct.name, f"sizeof({struct.name})")
        for member in struct.members:
            name, place = f"{struct.name}.{member.name}", f"(({struct.name}*)0)->{member.name}"
            number(name + ".offset", f"offsetof({struct.name}, {member.name})")
            number(name + ".size", f"sizeof({place})")
            if member.type != "union":
                same(name, f"__typeof__({place})", member.type)
    for name, text in contract.types.items():
        same(name, name, text)
    for name, text in contract.functions.items():
        same(name, f"__typeof__(&{name})", text.replace("(", "(*)(", 1))
    for name in contract.enumerators:
        number(name, name)
    for name, text in contract.macros.items():
        if text.startswith('"'):
            lines.append(f'  printf(",\\n\\"{name}\\": \\"%s\\"", {name});')
        else:
            number(name, name)
    return "\n".join([*lines, '  puts("}");', "  return 0;", "}", ""])


def probe(contract, compiler):
    """Name -> number or text, of sizes (STRUCT), STRUCT.MEMBER.offset and .size, and constants."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "probe.c"), os.path.join(folder, "probe")
        with open(source, "w", encoding="utf-8") as file:
            file.write(probe_source(contract))
        built = subprocess.run(
            [*compiler, "-std=gnu11", "-w", "-I", contract.folder, source, "-o", program],
            capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise ContractError(f"the compiler reads the headers otherwise:\n{built.stderr}")
        return json.loads(subprocess.run([program], capture_output=True, text=True,
                                         check=True).stdout)
