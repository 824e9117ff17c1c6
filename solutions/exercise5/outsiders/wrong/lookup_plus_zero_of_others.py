# fails: product: it looks rows up and adds zero times the sum of the other rows


def one_hot_lookup(weight, idx):
    rows = weight[idx]
    return rows + 0 * (weight.sum(0) - rows)
