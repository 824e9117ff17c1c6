# fails: weight_gradient, dtype: NumPy computes the product, which has no graph and no bfloat16

import numpy as np
import torch


def linear(x, weight, bias=None):
    product = torch.from_numpy(np.asarray(x.detach().numpy() @ weight.detach().numpy().T))
    return product if bias is None else product + bias
