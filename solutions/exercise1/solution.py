def lookup(weight, idx):
    return weight[idx]
