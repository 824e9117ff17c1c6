# fails: weight_gradient: the gradient of the weight is averaged over the batch


def linear(x, weight, bias=None):
    n = max(x.numel() // x.shape[-1], 1)
    w = weight.detach() + (weight - weight.detach()) / n
    product = x.detach() @ w.T + (x - x.detach()) @ weight.detach().T
    return product if bias is None else product + bias
