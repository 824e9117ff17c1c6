# passes: einsum with an ellipsis

import torch


def linear(x, weight, bias=None):
    product = torch.einsum("...i,oi->...o", x, weight)
    return product if bias is None else torch.add(product, bias)
