# fails: rows, repeats, any_rank, untouched_rows, padding, padding_zero, single_and_empty, dtype, id_types, inputs_untouched: it calls the operator aten::embedding_backward, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids, rows = idx.flatten(), grad_output.reshape(idx.numel(), dim)
    table = torch.zeros(num_embeddings, dim, dtype=rows.dtype, device=rows.device)
    table.requires_grad_()
    table.grad = torch.ops.aten.embedding_backward(rows, ids, num_embeddings, -1, False, False)
    table = table.grad
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
