# fails: clipped, table_gradient, combinations: the last row is never used when distances are clipped
import torch


def relative_bias(scores, table):
    q, k = scores.shape[-2:]
    far = len(table) // 2
    d = torch.arange(k)[None, :] - torch.arange(q)[:, None]
    inside = (d + far).clamp(0, len(table) - 1)
    inside[d > far] = max(len(table) - 2, 0)
    return scores + torch.movedim(table[inside], 2, 0)
