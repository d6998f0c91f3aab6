#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Doxygen's input filter: prints a header with its plain comments as Doxygen reads them.

A comment right before a declaration documents it, one at the end of a line the member on that line,
and the first of a file the file. A comment with an empty line after it documents nothing. What is
indented is printed as it stands; a word such as `Errors:` at the beginning of a line is a heading.
"""
import re
import sys

BLOCK = re.compile(r"^( *)/\*(?!\*)(.*?)\*/ *$", re.S)
TRAILING = re.compile(r"^(?P<code>\s*[^\s/\"#].*?[;,{})\w]) +(?://(?P<line>.*)|/\*(?P<block>.*)\*/)$")
HEADING = re.compile(r"^(Source|Symbols|Shapes|Units|Errors|Threads|Cost|Lifetime): +")


def escaped(text):
    return re.sub(r"([\\@&$#<>%\"|])", r"\\\1", text)


def body(lines):
    """The lines of a comment, without its marks, in Doxygen's words."""
    out, verbatim, heading = [], False, False
    for line in lines:
        found = HEADING.match(line)
        indented = line.startswith("  ") and not (heading and line.startswith("        "))
        if verbatim and not indented and line.strip():
            out.append("@endverbatim")
            verbatim = False
        if found:
            out.append(f"@par {found.group(1)}")
            line = line[found.end():]
        if line.strip() and not indented:
            heading = bool(found) or (heading and line.startswith("        "))
        if indented and not verbatim:
            out.append("@verbatim")
            verbatim = True
        out.append(line.rstrip() if verbatim else escaped(line.strip()))
    if verbatim:
        out.append("@endverbatim")
    return out


def comment(lines, indent, first):
    return "\n".join([f"{indent}/** {first}".rstrip()] +
                     [f"{indent}{line}".rstrip() for line in body(lines)] + [f"{indent}*/"])


def comment_at(lines, at):
    """The texts of the comment that is all of line `at` and its followers; None if there is none."""
    start = lines[at].strip()
    if start.startswith("//"):
        end = at
        while end < len(lines) and lines[end].strip().startswith("//"):
            end += 1
        return [re.sub(r"^ ?", "", x.strip()[2:]) for x in lines[at:end]], end
    if start.startswith("/*"):
        end = at
        while "*/" not in lines[end]:
            end += 1
        text = BLOCK.match("\n".join(lines[at:end + 1]))
        if text is None:
            return None
        return [re.sub(r"^ *\*? ?", "", x).rstrip() for x in text.group(2).split("\n")], end + 1
    return None


def filtered(text):
    lines, out, at = text.split("\n"), [], 0
    while at < len(lines):
        found = comment_at(lines, at)
        if found is None:
            trailing = TRAILING.match(lines[at])
            if trailing:
                words = trailing.group("line") or trailing.group("block") or ""
                out.append(f"{trailing.group('code')} /**< {escaped(words.strip())} */")
            else:
                out.append(lines[at])
            at += 1
            continue
        texts, end = found
        following = lines[end].strip() if end < len(lines) else ""
        indent = re.match(" *", lines[at]).group()
        if at == 0:
            out.append(comment([x for x in texts if not x.startswith("SPDX")], indent, "@file"))
        elif following and not following.startswith(("#", "}")) and not texts[0].startswith("--"):
            out.append(comment(texts, indent, ""))
        else:
            out.extend(lines[at:end])
        at = end
    return "\n".join(out)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(filtered(file.read()), end="")
