# passes: divides only by the lengths of the table
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    lengths = torch.linalg.vector_norm(w, dim=1)
    lengths = torch.where(lengths == 0, torch.ones_like(lengths), lengths)
    cos = torch.einsum("...d,nd->...n", w[ids], w) / lengths
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return torch.sort(cos, dim=-1, descending=True)[1][..., :k].clone()
