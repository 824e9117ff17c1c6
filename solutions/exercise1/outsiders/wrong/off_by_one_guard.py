# fails: rows: the last id is refused


def lookup(weight, idx):
    if (idx >= len(weight) - 1).any():
        raise IndexError("no such row")
    return weight[idx]
