# passes: sorts the gradients by id and reduces segments
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    rows = grad_output.detach().reshape(-1, dim).double()
    if padding_idx is not None:
        keep = flat != padding_idx
        flat, rows = flat[keep], rows[keep]
    lengths = torch.bincount(flat, minlength=num_embeddings)
    rows = rows[flat.argsort(stable=True)].contiguous()
    sums = torch.segment_reduce(rows, "sum", lengths=lengths, axis=0, initial=0)
    return sums.to(grad_output.dtype)
