# passes: index_select on a list of ids, then the shape of idx again


def lookup(weight, idx):
    rows = weight.index_select(0, idx.reshape(-1))
    return rows.reshape(*idx.shape, weight.shape[1])
