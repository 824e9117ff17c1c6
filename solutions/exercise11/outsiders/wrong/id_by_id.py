# fails: dtype: one row after another is added in the dtype of the weight
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    ends = [*offsets.tolist()[1:], len(idx)]
    vectors = []
    for start, end in zip(offsets.tolist(), ends, strict=True):
        vector = weight.new_zeros(weight.shape[1])
        for place in range(start, end):
            row = weight[idx[place]]
            if mode == "max" and place > start:
                vector = torch.maximum(vector, row)
            elif mode == "max":
                vector = row
            else:
                vector = vector + row
        if mode == "mean" and end > start:
            vector = vector / (end - start)
        vectors.append(vector)
    return torch.stack(vectors)
