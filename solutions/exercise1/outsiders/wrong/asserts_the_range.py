# fails: out_of_range: a failed assert raises AssertionError, which is none of the allowed errors


def lookup(weight, idx):
    last = int(idx.max()) if idx.numel() else -1
    assert last < len(weight)
    return weight[idx]
