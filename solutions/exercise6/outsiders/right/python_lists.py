# passes: collects positions per id in a dict and stacks and sums the rows in float64
from collections import defaultdict
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    where = defaultdict(list)
    for pos, i in enumerate(idx.flatten().tolist()):
        where[i].append(pos)
    where.pop(padding_idx, None)
    g = grad_output.detach().reshape(idx.numel(), dim).to(torch.float64)
    out = torch.zeros(num_embeddings, dim, dtype=torch.float64, device=g.device)
    for i, positions in where.items():
        out[i] = torch.stack([g[p] for p in positions]).sum(0)
    return out.to(grad_output.dtype)
