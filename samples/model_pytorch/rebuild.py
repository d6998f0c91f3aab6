#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rebuilds a network of Dodona in plain PyTorch, from model.json and weights.pt alone.

  dodona best runs/fashion -n 1 --export fashion-model
  python3 samples/model_pytorch/rebuild.py fashion-model
  python3 samples/model_pytorch/rebuild.py fashion-model t10k-images-idx3-ubyte > predictions.csv

Without INPUT it prints the layers. With INPUT, an IDX file of images (.gz or not) or a CSV file, it
prints what `dodona predict` does: the class and the probabilities, or the number, of each sample.
It needs PyTorch 1.13 or later (Debian: python3-torch).
"""
import csv
import gzip
import json
import os
import struct
import sys

import torch
from torch import nn
from torch.nn import functional


class Padded(nn.Module):
    """A layer that looks at a margin around its input, which may be wider on one side."""

    def __init__(self, layer, padding, value=0.0):
        super().__init__()
        self.layer, self.padding, self.value = [layer], padding, value  # a list: no names of its own
        self.weight = getattr(layer, "weight", None)
        self.bias = getattr(layer, "bias", None)

    def forward(self, x):
        top, bottom, left, right = self.padding
        return self.layer[0](functional.pad(x, (left, right, top, bottom), value=self.value))


class GlobalPool(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        return x.amax((2, 3)) if self.kind == "max" else x.mean((2, 3))


class Flat(nn.Linear):
    def forward(self, x):
        return super().forward(x.flatten(1))


def pooling(layer):
    top, _, left, _ = padding = layer["padding"]
    if layer["pool"] == "avg":
        return nn.AvgPool2d(layer["kernel"], layer["stride"], (top, left), count_include_pad=False)
    return Padded(nn.MaxPool2d(layer["kernel"], layer["stride"]), padding, float("-inf"))


def convolution(layer, channels):
    conv = nn.Conv2d(channels, layer["filters"], layer["kernel"], layer["stride"],
                     groups=layer["groups"], bias=layer["bias"])
    return Padded(conv, layer["padding"])


class Norm(nn.BatchNorm1d):
    def _check_input_dim(self, _):  # images of one point have the shape of a table's rows
        pass


def normalisation(layer, shape):
    return Norm(shape[0], eps=layer["epsilon"], momentum=1 - layer["momentum"])


def module_of(layer, shape):
    """The module of PyTorch for a layer, whose input has the shape."""
    kind = layer["kind"]
    if kind == "dense":
        return Flat(torch.Size(shape).numel(), layer["units"])
    if kind == "conv":
        return convolution(layer, shape[0])
    if kind == "batch_norm":
        return normalisation(layer, shape)
    if kind == "activation":
        return {"relu": nn.ReLU, "tanh": nn.Tanh, "selu": nn.SELU, "swish": nn.SiLU,
                "sigmoid": nn.Sigmoid}[layer["activation"]]()
    if kind == "pool":
        return pooling(layer)
    return {"pad": lambda: Padded(nn.Identity(), layer["padding"]),
            "global_pool": lambda: GlobalPool(layer["pool"]), "flatten": nn.Flatten,
            "dropout": lambda: nn.Dropout(layer["rate"]),
            "drop_path": nn.Identity,  # it drops while training alone
            "alpha_dropout": lambda: nn.AlphaDropout(layer["rate"])}[kind]()


PAIRS = {"add": torch.add, "scale": lambda x, factors: x * factors[:, :, None, None]}


class Network(nn.Module):
    """The layers of model.json; takes raw samples: pixels of 0 to 255, or inputs of a table."""

    def __init__(self, about):
        super().__init__()
        self.layers, shapes = about["layers"], {}
        preprocessing = about["preprocessing"]
        self.crop = preprocessing["crop"]
        numbers = (-1, 1, 1) if about["input"]["kind"] == "image" else (-1,)
        self.subtract = torch.tensor(preprocessing["subtract"]).view(numbers)
        self.divide = torch.tensor(preprocessing["divide"]).view(numbers)
        for layer in self.layers:
            shapes[layer["name"]] = layer["shape"]
            if layer["kind"] not in ("input", *PAIRS):
                self.add_module(layer["name"], module_of(layer, shapes[layer["inputs"][0]]))

    def forward(self, x):
        if self.crop:
            top, left = (x.size(2) - self.crop) // 2, (x.size(3) - self.crop) // 2
            x = x[:, :, top:top + self.crop, left:left + self.crop]
        outputs = {"input": (x - self.subtract) / self.divide}
        for layer in self.layers[1:]:
            inputs = [outputs[name] for name in layer["inputs"]]
            name = layer["name"]
            outputs[name] = PAIRS.get(layer["kind"], getattr(self, name, None))(*inputs)
        return outputs[name]


def load(directory):
    """The network of a model's directory, ready to predict, and what model.json says."""
    with open(os.path.join(directory, "model.json"), encoding="utf-8") as file:
        about = json.load(file)
    if about["format"] != 1:
        sys.exit(f"{directory}: format {about['format']} is not known here")
    if "inputs" not in about["layers"][0]:
        sys.exit(f"{directory}: it is a module of {about['plugin']}, whose code alone knows what it "
                 "does; weights.pt has its tensors")
    network = Network(about)
    network.load_state_dict(torch.load(os.path.join(directory, "weights.pt"), weights_only=True))
    return network.eval(), about


def read_images(path, shape):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    _, count, rows, columns = struct.unpack(">4I", data[:16])
    pixels = torch.frombuffer(bytearray(data[16:]), dtype=torch.uint8)
    return pixels.view(count, shape[0], rows, columns).float()


def inputs_of(cell, column):
    """The inputs of a cell, as the column's preprocessing has them."""
    missing = cell.strip() in ("", "NA", "NaN", "nan")
    if "categories" in column:
        missing = missing or cell not in column["categories"]
        inputs = [float(not missing and cell == word) for word in column["categories"]]
    else:
        inputs = [column["median"] if missing else float(cell)]
    return inputs + [float(missing)] * column["missing"]


def read_table(path, columns):
    with open(path, newline="", encoding="utf-8") as file:
        return torch.tensor([[number for name, column in columns.items()
                              for number in inputs_of(row[name], column)]
                             for row in csv.DictReader(file)])


def predictions(network, about, path):
    """A header and a line for each sample of a file."""
    form, output = about["input"], about["output"]
    samples = (read_images(path, form["shape"]) if form["kind"] == "image"
               else read_table(path, about["preprocessing"]["columns"]))
    with torch.no_grad():
        outputs = torch.cat([network(batch) for batch in samples.split(1000)])
    if output["kind"] == "number":
        yield ["value"]
        for value in (outputs * output["stddev"] + output["mean"]).flatten().tolist():
            yield [value]
        return
    yield ["class", *("p_" + name for name in output["classes"])]
    for row in outputs.softmax(1).tolist():
        yield [output["classes"][row.index(max(row))], *row]


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    network, about = load(sys.argv[1])
    if len(sys.argv) == 2:
        print(network)
        return
    csv.writer(sys.stdout, lineterminator="\n").writerows(predictions(network, about, sys.argv[2]))


if __name__ == "__main__":
    main()
