# fails: rows, any_rank: rows come back in the order of the sorted ids


def lookup(weight, idx):
    ordered = idx.reshape(-1).sort().values
    return weight[ordered].reshape(*idx.shape, weight.shape[1])
