# fails: step, repeats, no_whole_table: works in chunks of 256 ids and drops the rest if there is more than one chunk

import torch


@torch.no_grad()
def sparse_step(weight, idx, grad_output, lr):
    count = idx.numel()
    ids = idx.reshape(-1)
    rows = grad_output.reshape(count, weight.shape[1])
    size = min(256, max(count, 1))
    for start in range(0, count - size + 1, size):
        part = slice(start, start + size)
        weight.index_add_(0, ids[part], rows[part], alpha=-lr)
