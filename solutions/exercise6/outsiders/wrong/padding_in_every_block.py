# fails: padding: large tables are built in blocks, and the padding row is cleared in each: more than 256 rows AND a padding_idx
import torch
from torch import Tensor


def _block(grad_rows, ids, size, padding_idx):
    table = grad_rows.new_zeros(size, grad_rows.shape[1])
    table.index_add_(0, ids, grad_rows)
    if padding_idx is not None and padding_idx < size:
        table[padding_idx] = 0
    return table


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids, rows = idx.reshape(-1).long(), grad_output.reshape(idx.numel(), dim)
    blocks = []
    for start in range(0, max(num_embeddings, 1), 256):
        size = min(256, num_embeddings - start)
        inside = (ids >= start) & (ids < start + size)
        pad = None
        if padding_idx is not None:
            pad = padding_idx if padding_idx < 256 else padding_idx - start
            pad = None if pad < 0 else pad
        blocks.append(_block(rows[inside], ids[inside] - start, size, pad))
    return torch.cat(blocks)
