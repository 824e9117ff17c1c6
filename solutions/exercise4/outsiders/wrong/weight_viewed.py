# fails: batch: `view` fails for a weight that is stored by columns

import torch


def linear(x, weight, bias=None):
    flat = weight.view(-1)
    outputs, inputs = weight.shape
    rows = [(x * flat[o * inputs : (o + 1) * inputs]).sum(-1) for o in range(outputs)]
    product = torch.stack(rows, -1)
    return product if bias is None else product + bias
