# fails: sum_gradient: a row that occurs twice in a bag gets its gradient once
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    vectors = []
    for bag in torch.tensor_split(idx, offsets[1:].tolist()):
        ids, counts = bag.unique(return_counts=True)
        rows, counts = weight[ids], counts[:, None].to(weight.dtype)
        if not len(bag):
            vectors.append(weight.new_zeros(weight.shape[1]))
        elif mode == "max":
            vectors.append(rows.amax(0))
        else:
            total = rows.sum(0) + (rows * (counts - 1)).detach().sum(0)
            vectors.append(total if mode == "sum" else total / len(bag))
    return torch.stack(vectors)
