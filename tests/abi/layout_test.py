#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""layout_test.py C|C++ COMPILER FLAG...: a compiler lays the contract out as the record says.

Size, place and type of every member and the value of every constant are static assertions, made of
the record alone. In C++20 every slot and callback is noexcept as well.
"""
import json
import os
import shutil
import subprocess
import sys

ROOT = os.environ["DODONA_SOURCE_DIR"]
SKIPPED = 77


def record():
    folder = os.path.join(ROOT, "sdk", "abi")
    newest = max((name for name in os.listdir(folder) if name.startswith("epoch_")),
                 key=lambda name: int(name[len("epoch_"):-len(".json")]))
    with open(os.path.join(folder, newest), encoding="utf-8") as file:
        return json.load(file)


def with_noexcept(type_text):
    """The type, where each list of parameters is followed by noexcept."""
    text, lists = "", []
    for i, character in enumerate(type_text):
        text += character
        if character == "(":
            lists.append(type_text[i - 1] == ")")
        elif character == ")" and lists.pop():
            text += " noexcept"
    return text


def assertions(contract, is_cpp):
    """Lines of C, or of C++20."""
    lines = ["#include <dodona/abi.h>"]
    same = "_Static_assert(__builtin_types_compatible_p(__typeof__((({0}*)0)->{1}), {2}), \"{0}.{1}\");"
    if is_cpp:
        lines += ["#include <type_traits>", "#define _Static_assert static_assert"]
        same = "static_assert(std::is_same_v<decltype({0}::{1}), {2}>, \"{0}.{1}\");"
    for name, struct in contract["structs"].items():
        lines.append(f'_Static_assert(sizeof({name}) == {struct["size"]}, "{name}");')
        if "size_min" in struct:
            constant = name.upper() + "_SIZE_MIN"
            lines.append(f'_Static_assert({constant} == {struct["size_min"]}, "{constant}");')
        for member in struct["members"]:
            label = f'{name}.{member["name"]}'
            lines.append(f'_Static_assert(offsetof({name}, {member["name"]}) == {member["offset"]} && '
                         f'sizeof((({name}*)0)->{member["name"]}) == {member["size"]}, "{label}");')
            if member["type"] != "union" and "." not in member["name"]:
                text = with_noexcept(member["type"]) if is_cpp else member["type"]
                lines.append(same.format(name, member["name"], text))
    for name, constant in contract["constants"].items():
        if isinstance(constant["value"], int):
            value = f"{constant['value']}u" if constant["value"] >= 2**63 else constant["value"]
            lines.append(f'_Static_assert({name} == {value}, "{name}");')
        else:
            size = len(constant["value"]) + 1
            lines.append(f'_Static_assert(sizeof({name}) == {size}, "{name}");')
    return lines


def compile_with(command, lines):
    return subprocess.run([*command, "-fsyntax-only", "-I", os.path.join(ROOT, "sdk", "include"), "-"],
                          input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)


def main():
    language, *command = sys.argv[1:]
    if not shutil.which(command[0]):
        print(f"{command[0]} was not found")
        return SKIPPED
    is_cpp = language == "C++"
    command += ["-x", "c++" if is_cpp else "c"]
    contract = record()
    pointers = f'extern char same[sizeof(void*) == {contract["pointer"]} ? 1 : -1];'
    if compile_with(command, [pointers]).returncode != 0:
        print("the record is for pointers of another size")
        return SKIPPED
    lines = assertions(contract, is_cpp)
    answer = compile_with(command, lines)
    if answer.returncode != 0:
        print(answer.stderr)
        return 1
    # The assertions are looked at: a record that is wrong in one number does not compile.
    contract["structs"]["dodona_str"]["size"] += 8
    if compile_with(command, assertions(contract, is_cpp)).returncode == 0:
        print("a wrong record compiles too")
        return 1
    print(f"{len(lines)} lines of assertions hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
