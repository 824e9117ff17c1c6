# fails: inputs_untouched: switches gradient recording off for the rest of the program
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    torch.set_grad_enabled(False)  # no autograd here
    dim = grad_output.shape[-1]
    grad = torch.zeros((num_embeddings, dim), dtype=grad_output.dtype, device=grad_output.device)
    flat = idx.reshape(-1).long()
    rows = grad_output.reshape(-1, dim)
    if padding_idx is not None:
        keep = flat != padding_idx
        flat, rows = flat[keep], rows[keep]
    grad.index_put_((flat,), rows, accumulate=True)
    return grad
