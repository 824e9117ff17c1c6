# fails: any_rank: view raises for ids that are not contiguous


def lookup(weight, idx):
    return weight.index_select(0, idx.view(idx.numel())).view(*idx.shape, weight.shape[1])
