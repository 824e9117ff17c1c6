# passes: all bags padded to one length, with -infinity for the maximum
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    ends = torch.cat([offsets[1:], offsets.new_tensor([len(idx)])])
    sizes = ends - offsets
    if not len(idx):
        return weight.new_zeros(len(offsets), weight.shape[1])
    steps = torch.arange(int(sizes.max()), device=idx.device)
    places = (offsets[:, None] + steps).clamp(max=len(idx) - 1)
    missing = (steps >= sizes[:, None])[..., None]
    rows = weight[idx[places]]
    if mode == "max":
        found = rows.masked_fill(missing, float("-inf")).amax(1)
        return found.masked_fill((sizes == 0)[:, None], 0)
    total = rows.masked_fill(missing, 0).sum(1)
    return total if mode == "sum" else total / sizes.clamp(min=1)[:, None].to(weight.dtype)
