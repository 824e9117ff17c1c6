# fails: id_types: the sort keys id * count + place are int32 for int32 ids and overflow
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    count, dim = idx.numel(), grad_output.shape[-1]
    grad = grad_output.detach().reshape(count, dim)
    result = grad.new_zeros(num_embeddings, dim)
    if count:
        ids = idx.reshape(-1)
        keys = (ids * count + torch.arange(count, dtype=ids.dtype, device=ids.device)).sort().values
        sorted_ids, places = keys // count, keys % count
        runs, lengths = torch.unique_consecutive(sorted_ids.long(), return_counts=True)
        parts = grad[places.long()].split(lengths.tolist())
        result[runs] = torch.stack([part.sum(0) for part in parts])
    if padding_idx is not None:
        result[padding_idx] = 0
    return result
