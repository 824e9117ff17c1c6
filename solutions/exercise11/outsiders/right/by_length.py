# passes: bags of the same length are reduced together as one 3-d tensor
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in {"sum", "mean", "max"}:
        raise ValueError(mode)
    bags = offsets.shape[0]
    ends = torch.cat([offsets, torch.tensor([idx.shape[0]])])[1:]
    sizes = ends - offsets
    parts, where = [weight[:0]], [torch.zeros(0, dtype=torch.int64)]
    for size in torch.unique(sizes).tolist():
        which = (sizes == size).nonzero()[:, 0]
        rows = weight[idx[offsets[which][:, None] + torch.arange(size)]]
        if size == 0 or mode == "sum":
            parts.append(rows.sum(1))
        elif mode == "mean":
            parts.append(rows.mean(1))
        else:
            parts.append(rows.max(1).values)
        where.append(which)
    order = torch.cat(where).argsort()
    return torch.cat(parts)[order]
