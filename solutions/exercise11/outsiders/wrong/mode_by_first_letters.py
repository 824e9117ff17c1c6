# fails: unknown_mode: only the start of the mode is looked at
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode[:3] not in ("sum", "mea", "max"):
        raise ValueError(mode)
    mode = {"sum": "sum", "mea": "mean", "max": "max"}[mode[:3]]
    vectors = []
    for bag in torch.tensor_split(idx, offsets[1:].tolist()):
        rows = weight[bag]
        if len(bag) == 0:
            vectors.append(weight.new_zeros(weight.shape[1]))
        elif mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
