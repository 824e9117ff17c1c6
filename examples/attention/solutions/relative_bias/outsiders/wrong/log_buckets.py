# fails: value, clipped, rectangular, leading, dtype, table_gradient, combinations: rows by magnitude
import torch


def relative_bias(scores, table):
    far = len(table) // 2
    n, m = scores.shape[-2:]
    d = torch.arange(m)[None] - torch.arange(n)[:, None]
    d = d.sign() * (d.abs() + 1).float().log2().floor().long()
    return scores + table[d.clamp(-far, far) + far].permute(2, 0, 1)
