# fails: any_rank: ids of shape (1, 3) lose their dimension of size 1


def lookup(weight, idx):
    out = weight[idx.long()]
    if out.dim() > 2:
        out = out.squeeze(0)
    return out
