#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a network of PyTorch on a part of Fashion-MNIST: train.py --data DIRECTORY [OPTION...].

The hyperparameters come from one JSON file. A checkpoint holds the optimizer and the seed too, so
that a trial that goes on from it gives the curve of one that was never interrupted.
"""
import argparse
import gzip
import json
import os

import numpy
import torch

SIZES = {"train": 4000, "t10k": 1000}


def images(directory, part):
    """The first images of a part, as rows of numbers from 0 to 1, and their labels."""
    def read(name, header, size):
        with gzip.open(os.path.join(directory, f"{part}-{name}-ubyte.gz")) as file:
            return numpy.frombuffer(file.read(header + SIZES[part] * size)[header:], numpy.uint8)

    pixels = torch.from_numpy(read("images-idx3", 16, 784).reshape(-1, 784).astype("float32")) / 255
    return pixels, torch.from_numpy(read("labels-idx1", 8, 1).astype("int64"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--values", required=True, help="a JSON file of hyperparameters")
    parser.add_argument("--checkpoints", required=True, help="a directory to save to")
    parser.add_argument("--resume", help="a directory to go on from")
    parser.add_argument("--epochs", type=int, nargs=2, required=True, metavar=("DONE", "LAST"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with open(options.values) as file:
        values = json.load(file)

    # With slots such as cuda:1 this is the trial's own device, the only one that is visible.
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(int(os.environ.get("DODONA_THREADS", "1")))
    seed = options.seed % 2**62
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(784, values["units"]), torch.nn.ReLU(), torch.nn.Linear(values["units"], 10)]
    model = torch.nn.Sequential(*layers).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=values["learning_rate"])
    if options.resume:
        state = torch.load(os.path.join(options.resume, "state.pt"))
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        seed = state["seed"]

    inputs, labels = (tensor.to(device) for tensor in images(options.data, "train"))
    held_out, truth = (tensor.to(device) for tensor in images(options.data, "t10k"))
    for epoch in range(options.epochs[0] + 1, options.epochs[1] + 1):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed + epoch))
        for batch in order.split(values["batch_size"]):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (model(held_out).argmax(1) == truth).float().mean().item()
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "seed": seed},
                   os.path.join(options.checkpoints, "state.pt"))
        print(json.dumps({"step": epoch, "loss": loss.item(), "val_accuracy": accuracy}))


if __name__ == "__main__":
    main()
