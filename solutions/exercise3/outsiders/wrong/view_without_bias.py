# fails: contiguous, own_memory: without a bias it returns a view of the weight


def linear_to_embedding(weight, bias=None):
    table = weight.T
    if bias is not None:
        table = (table + bias).contiguous()
    return table
