# fails: any_sizes: it takes rows instead of columns if num equals dim
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    num = weight.shape[1]
    rows = [weight[:, i] for i in range(num)]
    if num == weight.shape[0]:
        rows = list(weight)
    out = torch.stack(rows)
    return out if bias is None else out + bias
