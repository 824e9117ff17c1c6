# fails: dtype: the sum of products is scaled by a norm that overflows or vanishes


def linear(x, weight, bias=None):
    length = (x * x).sum(-1, keepdim=True).sqrt().clamp(min=1e-4)
    product = ((x / length) @ weight.T) * length
    return product if bias is None else product + bias
