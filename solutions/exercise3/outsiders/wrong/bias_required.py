# fails: table: it fails if no bias is given


def linear_to_embedding(weight, bias=None):
    return (weight.T + bias).contiguous()
