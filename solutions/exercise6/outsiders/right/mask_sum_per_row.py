# passes: loops over the table rows and sums the gradients picked by a boolean mask
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    g = grad_output.detach()
    out = g.new_zeros(num_embeddings, g.shape[-1])
    for i in range(num_embeddings):
        if i != padding_idx:
            out[i] = g[idx == i].sum(0)
    return out
