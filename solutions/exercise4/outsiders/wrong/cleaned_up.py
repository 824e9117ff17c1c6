# fails: any_sizes: infinite numbers and nan in x are replaced


def linear(x, weight, bias=None):
    product = x.nan_to_num() @ weight.T
    return product if bias is None else product + bias
