# fails: dtype: a mean times its size: in float16, the mean of 4096 small products loses digits


def linear(x, weight, bias=None):
    size = weight.shape[1]
    y = (x.unsqueeze(-2) * weight).mean(dim=-1) * size
    return y if bias is None else y + bias
