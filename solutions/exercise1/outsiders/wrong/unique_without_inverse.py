# fails: rows: repeated ids give one row only


def lookup(weight, idx):
    return weight[idx.unique()]
