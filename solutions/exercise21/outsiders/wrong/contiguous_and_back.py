# fails: no_whole_table: makes a contiguous copy of the table for non-contiguous weights, which grows with num
import torch


@torch.no_grad()
def sparse_step(weight, idx, grad_output, lr):
    table = weight.contiguous()
    table.index_add_(0, idx.reshape(-1), grad_output.reshape(-1, weight.shape[1]), alpha=-lr)
    if table is not weight:
        weight.copy_(table)
