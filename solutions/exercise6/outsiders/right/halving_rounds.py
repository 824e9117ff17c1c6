# passes: rounds of unique occurrences: round k writes the k-th occurrence of every id
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids, order = idx.reshape(-1).long().sort(stable=True)
    rows = grad_output.detach().reshape(-1, dim)[order].double()
    first = torch.searchsorted(ids, ids)  # start of the run of each id
    occurrence = torch.arange(ids.numel(), device=ids.device) - first
    total = torch.zeros(num_embeddings, dim, dtype=torch.float64, device=grad_output.device)
    for k in range(int(occurrence.max()) + 1 if ids.numel() else 0):
        now = occurrence == k  # every id at most once
        total[ids[now]] += rows[now]
    if padding_idx is not None:
        total[padding_idx] = torch.zeros(dim, dtype=torch.float64)
    return total.to(grad_output.dtype)
