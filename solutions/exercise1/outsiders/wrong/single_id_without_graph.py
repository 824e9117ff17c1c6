# fails: gradient: a 0-d id takes another path that loses the gradient


def lookup(weight, idx):
    if idx.dim() == 0:
        return weight.data[int(idx)].clone()
    return weight[idx]
