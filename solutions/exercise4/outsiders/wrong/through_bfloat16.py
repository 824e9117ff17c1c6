# fails: batch: the product is computed with 8 binary digits


def linear(x, weight, bias=None):
    product = (x.bfloat16() @ weight.bfloat16().T).to(x.dtype)
    return product if bias is None else product + bias
