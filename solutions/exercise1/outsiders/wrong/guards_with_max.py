# fails: empty: max raises for an empty idx


def lookup(weight, idx):
    if idx.max() >= len(weight):
        raise IndexError("no such row")
    return weight[idx]
