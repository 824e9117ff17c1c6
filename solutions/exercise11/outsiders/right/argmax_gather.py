# passes: maxima by argmax and gather
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
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
            vectors.append(rows.gather(0, rows.argmax(0, keepdim=True))[0])
    return torch.stack(vectors)
