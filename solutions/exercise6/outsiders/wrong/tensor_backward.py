# fails: rows, repeats, any_rank, untouched_rows, padding, padding_zero, single_and_empty, dtype, id_types, inputs_untouched: uses autograd through Tensor.backward and .grad, which is not allowed
import torch
import torch.nn.functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    w = torch.zeros(
        num_embeddings,
        grad_output.shape[-1],
        dtype=grad_output.dtype,
        device=grad_output.device,
        requires_grad=True,
    )
    out = F.embedding(idx, w, padding_idx=padding_idx)
    out.backward(grad_output)
    return w.grad
