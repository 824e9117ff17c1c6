# passes: a sparse tensor that is made dense

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    sparse = torch.sparse_coo_tensor(ids.unsqueeze(0), rows, (num_embeddings, dim))
    gradient = sparse.to_dense()
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
