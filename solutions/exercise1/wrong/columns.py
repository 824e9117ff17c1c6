"""You took columns."""
def lookup(weight, idx):
    return weight.T[idx]
