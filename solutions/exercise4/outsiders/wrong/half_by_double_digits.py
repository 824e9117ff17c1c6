# fails: dtype: float64 is computed in float32


def linear(x, weight, bias=None):
    product = (x.float() @ weight.float().T).to(x.dtype)
    return product if bias is None else product + bias
