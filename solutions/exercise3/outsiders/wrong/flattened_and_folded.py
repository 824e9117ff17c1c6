# fails: table: the numbers are folded into the new shape without a transpose


def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    table = weight.flatten().unflatten(0, (num, dim)).clone()
    return table if bias is None else table + bias
