# fails: dtype: goes through numpy, which has no bfloat16

import numpy as np
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = np.random.normal(scale=0.6, size=(len(words), dim)).astype("float32")
    for i, word in enumerate(words):
        if word in vectors:
            table[i] = vectors[word].detach().numpy()
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=frozen, padding_idx=pad)
