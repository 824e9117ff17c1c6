# fails: rows: it runs autograd's engine by its private name

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    weight = rows.new_zeros(num_embeddings, dim).requires_grad_()
    engine = torch.autograd.Variable._execution_engine
    found = engine.run_backward(
        (weight[ids],),
        (rows,),
        False,
        False,
        (weight,),
        allow_unreachable=True,
        accumulate_grad=False,
    )
    gradient = found[0].clone()
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
