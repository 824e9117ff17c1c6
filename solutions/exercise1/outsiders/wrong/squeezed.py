# fails: rows: sizes of 1 are squeezed away


def lookup(weight, idx):
    return weight[idx].squeeze()
