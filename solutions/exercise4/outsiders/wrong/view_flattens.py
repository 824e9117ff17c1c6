# fails: leading: `view` cannot flatten an x that is not contiguous


def linear(x, weight, bias=None):
    rows = x.view(-1, weight.shape[1])
    product = (rows @ weight.T).view(*x.shape[:-1], weight.shape[0])
    return product if bias is None else product + bias
