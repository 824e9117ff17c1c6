# passes: one use after the other
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    table = weight.detach()
    rows = grad_output.reshape(-1, weight.shape[1])
    for number, row in zip(idx.flatten().tolist(), rows):
        table[number] -= lr * row
