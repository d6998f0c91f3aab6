#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gate of the C contract: compares dodona/abi/*.h with the record of what was released.

  gate.py [--write] [--headers DIR] [--records DIR]

Without --write it succeeds if the record of the headers' epoch says what they say. With --write it
renews the record, if the change is one that plugins survive. Exit code 0: as it should be, 1: not,
77: this platform has other pointers than the record. README.md beside it has the rules.
"""
import argparse
import json
import os
import re
import shlex
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from contract import Contract, ContractError, probe  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = {"epoch": "DODONA_ABI_EPOCH", "minor": "DODONA_ABI_MINOR", "break": "DODONA_ABI_BREAK"}


# ---- from headers to a record ----------------------------------------------------------------------


def record_of(folder, compiler):
    """The record of the headers in a folder, without the minors since when things are there."""
    contract = Contract(folder)
    values = probe(contract, compiler)
    record = {key: values[name] for key, name in VERSION.items() if name in values}
    record["pointer"] = values["pointer"]
    record["types"] = dict(contract.types)
    record["constants"] = {name: {"value": values[name]}
                           for name in [*contract.enumerators, *contract.macros]
                           if name not in VERSION.values()}
    record["functions"] = dict(contract.functions)
    record["structs"] = {}
    for struct in contract.structs.values():
        members = [{"offset": values[f"{struct.name}.{member.name}.offset"],
                    "size": values[f"{struct.name}.{member.name}.size"],
                    "name": member.name, "type": member.type} for member in struct.members]
        entry = {"layout": struct.layout, "size": values[struct.name], "members": members}
        if struct.layout == "GROWABLE":
            entry["size_min"] = end_of(struct, members)
        record["structs"][struct.name] = entry
        refuse_padding(struct, entry)
    refuse_growth_inside(record["structs"])
    return record


def end_of(struct, members):
    """The smallest size that a reader accepts, of a growable struct."""
    if members[0]["name"] != "struct_size" or members[0]["type"] != "uint32_t":
        raise ContractError(f"{struct.name} is GROWABLE and does not begin with struct_size")
    for member in members:
        if member["name"] == struct.last:
            return member["offset"] + member["size"]
    raise ContractError(f"{struct.name} is GROWABLE and has no constant ..._SIZE_MIN beside it")


def refuse_padding(struct, entry):
    """A hole is room that nobody can use later: what was in it was never written."""
    end = 0
    for member in entry["members"]:
        if "." in member["name"]:
            continue
        if member["offset"] != end:
            raise ContractError(f"{struct.name}: {member['offset'] - end} bytes of padding before "
                                f"{member['name']}; a member 'reserved' belongs there")
        end = member["offset"] + member["size"]
    if end != entry["size"]:
        raise ContractError(f"{struct.name}: {entry['size'] - end} bytes of padding at its end; a "
                            "member 'reserved' belongs there")


def refuse_growth_inside(structs):
    """Whatever holds a growable struct itself would move when that one grows."""
    growable = "|".join(name for name, entry in structs.items() if entry["layout"] == "GROWABLE")
    for name, entry in structs.items():
        for member in entry["members"]:
            held = growable and re.search(rf"\b({growable})\b(?!\*)", member["type"])
            if held:
                raise ContractError(f"{name}.{member['name']} takes {held.group()} by value, which "
                                    "is GROWABLE")


# ---- what plugins survive --------------------------------------------------------------------------


def violations(old, new):
    """What of the old record a plugin that was built with it would miss in the new one."""
    found = []
    for kind, word in (("types", "type"), ("functions", "function")):
        for name, text in old[kind].items():
            if name not in new[kind]:
                found.append(f"{word} {name} is removed")
            elif new[kind][name] != text:
                found.append(f"{word} {name} is '{new[kind][name]}' and was '{text}'")
    for name, constant in old["constants"].items():
        if name not in new["constants"]:
            found.append(f"constant {name} is removed")
        elif new["constants"][name]["value"] != constant["value"]:
            found.append(f"constant {name} is {new['constants'][name]['value']!r} and was "
                         f"{constant['value']!r}")
    for name, struct in old["structs"].items():
        if name not in new["structs"]:
            found.append(f"struct {name} is removed")
        else:
            found += violations_of_struct(name, struct, new["structs"][name])
    return found


def violations_of_struct(name, old, new):
    if old["layout"] != new["layout"]:
        return [f"{name} is {new['layout']} and was {old['layout']}"]
    found, places = [], {member["name"]: member for member in new["members"]}
    at = {member["offset"]: member for member in new["members"] if "." not in member["name"]}
    for member in old["members"]:
        label = f"{name}.{member['name']}"
        now = places.get(member["name"])
        heir = at.get(member["offset"])
        if member["name"] == "reserved" and now is None and heir and heir["size"] == member["size"]:
            continue  # it was written 0 and not read: a later minor may give it a meaning
        if now is None:
            found.append(f"{label} is removed")
        elif now["offset"] != member["offset"]:
            found.append(f"{label} is at {now['offset']} and was at {member['offset']}")
        elif now["size"] != member["size"] or now["type"] != member["type"]:
            found.append(f"{label} is '{now['type']}' ({now['size']} bytes) and was "
                         f"'{member['type']}' ({member['size']} bytes)")
    if old["layout"] == "FROZEN":
        if new["size"] != old["size"] or len(new["members"]) != len(old["members"]):
            found.append(f"{name} is FROZEN, and has {new['size']} bytes and "
                         f"{len(new['members'])} members where it had {old['size']} and "
                         f"{len(old['members'])}")
    elif new["size_min"] != old["size_min"]:
        found.append(f"{name}: the smallest size is {new['size_min']} and was {old['size_min']}")
    return found


def differences(old, new):
    """One line for each name that the two records tell otherwise; `since` is not compared."""
    found = []
    for kind in ("types", "functions", "constants", "structs"):
        for name in {**old[kind], **new[kind]}:
            if bare(old[kind].get(name)) != bare(new[kind].get(name)):
                how = ("is new" if name not in old[kind] else
                       "is gone" if name not in new[kind] else "is another")
                found.append(f"{name} {how}")
    found += [f"{name} is {new.get(key)} and was {old.get(key)}" for key, name in VERSION.items()
              if old.get(key) != new.get(key)]
    return found


def bare(value):
    if isinstance(value, dict):
        return {key: bare(entry) for key, entry in value.items() if key != "since"}
    return [bare(entry) for entry in value] if isinstance(value, list) else value


def refusal(old, new):
    """Why the record must not follow the headers, or None. The change has a minor of its own."""
    broken = violations(old, new)
    if broken and old["epoch"] > 0:
        return [*broken, "a plugin would break: append, or begin another epoch"]
    if broken and new["break"] <= old["minor"]:
        return [*broken, f"DODONA_ABI_BREAK is {new['break']}: raise it and DODONA_ABI_MINOR to "
                         f"{old['minor'] + 1}, as a plugin would break"]
    if new["minor"] <= old["minor"]:
        return [*differences(old, new), f"DODONA_ABI_MINOR is {new['minor']}: raise it to "
                                        f"{old['minor'] + 1}, as the contract grew"]
    return None


# ---- the file --------------------------------------------------------------------------------------


def with_since(new, old):
    """The new record, where each entry says in which minor it came: the old one's, else its own."""
    broken = old is None or bool(violations(old, new))

    def mark(entry, before):
        since = new["minor"] if broken or before is None else before["since"]
        return {**entry, "since": since}

    constants = {name: mark(entry, old and old["constants"].get(name))
                 for name, entry in new["constants"].items()}
    structs = {}
    for name, struct in new["structs"].items():
        before = old and old["structs"].get(name)
        known = {member["name"]: member for member in before["members"]} if before else {}
        structs[name] = {**mark(struct, before),
                         "members": [mark(member, known.get(member["name"]))
                                     for member in struct["members"]]}
    return {**new, "constants": constants, "structs": structs}


def text_of(record):
    """JSON with a line for each constant and member."""
    def line(value):
        return json.dumps(value, ensure_ascii=False)

    def block(entries, indent):
        return (",\n" + " " * indent).join(entries)

    parts = [f"{line(key)}: {line(record[key])}" for key in ("epoch", "minor", "break", "pointer")
             if key in record]
    for kind in ("types", "functions", "constants"):
        entries = [f"{line(name)}: {line(entry)}" for name, entry in record[kind].items()]
        parts.append(f'"{kind}": {{\n    {block(entries, 4)}\n  }}')
    structs = []
    for name, struct in record["structs"].items():
        head = ", ".join(f"{line(key)}: {line(value)}" for key, value in struct.items()
                         if key != "members")
        members = block([line(member) for member in struct["members"]], 6)
        structs.append(f'{line(name)}: {{{head}, "members": [\n      {members}\n    ]}}')
    parts.append(f'"structs": {{\n    {block(structs, 4)}\n  }}')
    return f"{{\n  {block(parts, 2)}\n}}\n"


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(headers, records, write, compiler):
    """(exit code, lines to print)"""
    new = record_of(headers, compiler)
    path = os.path.join(records, f"epoch_{new['epoch']}.json")
    name = os.path.basename(path)
    old = json.loads(read(path) or "null")
    if old and old["pointer"] != new["pointer"]:
        return 77, [f"{name} is for pointers of {old['pointer']} bytes, here they have "
                    f"{new['pointer']}"]
    changed = differences(old, new) if old else [f"there is no {name}"]
    entry = f"### {new['epoch']}.{new['minor']}\n"
    if not changed and entry not in read(os.path.join(records, "README.md")):
        return 1, [f"README.md has no entry '{entry.strip()}' that tells what it changed"]
    if not changed:
        return 0, [f"{name}: {len(new['structs'])} structs, {len(new['constants'])} constants as "
                   f"recorded, minor {new['minor']}"]
    refused = refusal(old, new) if old else None
    if refused:
        return 1, refused
    if not write:
        return 1, [*changed, f"{name} is not what the headers say: run sdk/abi/gate.py --write, and "
                             "tell of the change in sdk/abi/README.md"]
    with open(path, "w", encoding="utf-8") as file:
        file.write(text_of(with_since(new, old)))
    return 0, [f"{name} is written: {len(changed)} changes"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help="renew the record")
    parser.add_argument("--headers", default=os.path.join(HERE, "..", "include"),
                        help="the folder that holds dodona/abi.h")
    parser.add_argument("--records", default=HERE, help="the folder that holds epoch_N.json")
    arguments = parser.parse_args()
    try:
        code, lines = run(arguments.headers, arguments.records, arguments.write,
                          shlex.split(os.environ.get("CC", "cc")))
    except ContractError as error:
        code, lines = 1, [str(error)]
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
