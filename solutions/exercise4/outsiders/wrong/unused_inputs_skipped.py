# fails: any_sizes: an input that is zero in every vector is skipped, so 0 * inf is no nan


def linear(x, weight, bias=None):
    live = (x != 0).reshape(x.shape[:-1].numel(), x.shape[-1]).any(0)
    if x.numel() and not live.all():
        x, weight = x[..., live], weight[:, live]
    y = x @ weight.t()
    return y if bias is None else y + bias
