# fails: max: fills with the smallest finite number, which is above -inf

import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode}")
    acc = torch.promote_types(weight.dtype, torch.float32)
    parts = weight[idx].to(acc).tensor_split(offsets[1:].tolist())
    fill = torch.finfo(weight.dtype).min if mode == "max" else 0.0
    padded = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=fill)
    sizes = torch.tensor([[len(p)] for p in parts])
    if padded.shape[1] == 0:
        return weight.new_zeros(len(parts), weight.shape[1])
    if mode == "max":
        result = padded.amax(1).masked_fill(sizes == 0, 0.0)
    else:
        result = padded.sum(1)
    if mode == "mean":
        result = result / sizes.clamp(min=1)
    return result.to(weight.dtype)
