# passes: a NumPy table
import numpy as np
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    pad = None
    table = np.random.default_rng().normal(size=(len(words), dim)).astype(np.float32)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word].float().numpy()
        if word == "<pad>":
            table[number], pad = 0, number
    return nn.Embedding.from_pretrained(torch.from_numpy(table), frozen, pad)
