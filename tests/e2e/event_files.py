# SPDX-License-Identifier: Apache-2.0
"""Reads TensorBoard's event files, without a line of what writes them: framing and checksums here,
messages by protoc from tensorboard.proto."""
import codecs
import os
import re
import shutil
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PROTOC = shutil.which("protoc")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """The payloads of a whole file; anything wrong is a ValueError."""
    payloads = []
    at = 0
    while at < len(data):
        if len(data) - at < 12:
            raise ValueError(f"a head that is cut short at {at}")
        length, length_crc = struct.unpack_from("<QI", data, at)
        if length_crc != masked(data[at:at + 8]):
            raise ValueError(f"a length with a wrong checksum at {at}")
        payload = data[at + 12:at + 12 + length]
        crc = data[at + 12 + length:at + 16 + length]
        if len(crc) != 4:
            raise ValueError(f"a record that is cut short at {at}")
        if struct.unpack("<I", crc)[0] != masked(payload):
            raise ValueError(f"a payload with a wrong checksum at {at}")
        payloads.append(payload)
        at += 16 + length
    return payloads


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def scalar(text):
    if text.startswith('"'):
        return codecs.escape_decode(text[1:-1].encode())[0].decode()
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)  # also nan and inf
    except ValueError:
        return text  # the name of a constant


def parse(text):
    """A message in protobuf's text format: {field: [value or message, ...]}."""
    stack = [{}]
    for line in text.splitlines():
        line = line.strip()
        if line == "}":
            stack.pop()
        elif line.endswith("{"):
            message = {}
            stack[-1].setdefault(line[:-1].strip(), []).append(message)
            stack.append(message)
        else:
            name, value = re.fullmatch(r"(\w+): (.*)", line).groups()
            stack[-1].setdefault(name, []).append(scalar(value))
    return stack[0]


def events(path):
    """The events of a file, in order."""
    with open(path, "rb") as file:
        payloads = records(file.read())
    joined = b"".join(b"\x0a" + varint(len(payload)) + payload for payload in payloads)
    result = subprocess.run(
        [PROTOC, f"--proto_path={HERE}", "--decode=read_back.Events", "tensorboard.proto"],
        input=joined, capture_output=True, check=True)
    found = parse(result.stdout.decode()).get("event", [])
    assert len(found) == len(payloads)
    return found


class Run:
    """The facts that TensorBoard would read from the directory of a run."""

    def __init__(self, path):
        self.scalars = {}  # {tag: [(step, value), ...]}
        self.plugin = {}  # {tag: content}, the first of each
        self.times = []
        self.files = sorted(name for name in os.listdir(path) if "tfevents" in name)
        for name in self.files:
            self.read(events(os.path.join(path, name)))

    def read(self, found):
        assert found[0]["file_version"] == ["brain.Event:2"], found[0]
        for event in found:
            self.times.append(event["wall_time"][0])
            for summary in event.get("summary", []):
                for value in summary.get("value", []):
                    self.take(int(event.get("step", [0])[0]), value)

    def take(self, step, value):
        tag = value["tag"][0]
        if "metadata" not in value:
            # Numbers that are 0 are not printed.
            self.scalars.setdefault(tag, []).append((step, value.get("simple_value", [0])[0]))
            return
        metadata = value["metadata"][0]
        assert metadata["data_class"] == ["DATA_CLASS_TENSOR"], metadata
        assert value["tensor"] == [{"dtype": ["DT_FLOAT"], "tensor_shape": [{"dim": [{"size": [1]}]}],
                                    "float_val": [0]}], value
        plugin = metadata["plugin_data"][0]
        assert plugin["plugin_name"] == ["hparams"], plugin
        content = plugin["content"][0]
        assert "version" not in content, content  # version 0
        self.plugin.setdefault(tag, content)

    def start(self):
        return self.plugin["_hparams_/session_start_info"]["session_start_info"][0]

    def hparams(self):
        return {entry["key"][0]: value_of(entry["value"][0])
                for entry in self.start().get("hparams", [])}

    def status(self):
        """None while it runs."""
        content = self.plugin.get("_hparams_/session_end_info")
        return content["session_end_info"][0]["status"][0] if content else None

    def experiment(self):
        return self.plugin["_hparams_/experiment"]["experiment"][0]


def value_of(value):
    """A google.protobuf.Value."""
    (name, (found,)), = value.items()
    assert name in ("number_value", "string_value", "bool_value"), value
    assert isinstance(found, {"n": float, "s": str, "b": bool}[name[0]]), value
    return found


def domain(info):
    """A list of values, or a pair: an interval."""
    if "domain_interval" in info:
        interval = info["domain_interval"][0]
        return interval.get("min_value", [0.0])[0], interval.get("max_value", [0.0])[0]
    return [value_of(value) for value in info["domain_discrete"][0]["values"]]


def runs(directory):
    """{name: Run}, the root's is "."."""
    return {os.path.relpath(path, directory): Run(path)
            for path, _, names in os.walk(directory)
            if any("tfevents" in name for name in names)}
