# fails: product: it looks rows up and adds zero times the whole table


def one_hot_lookup(weight, idx):
    return weight[idx] + 0 * weight.sum(0)
