# fails: dtype: the result stays in float64


def linear(x, weight, bias=None):
    product = x.double() @ weight.double().T
    return product if bias is None else product + bias
