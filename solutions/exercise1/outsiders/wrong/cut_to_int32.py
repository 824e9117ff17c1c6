# fails: out_of_range: a huge id becomes a valid one when it is converted to int32


def lookup(weight, idx):
    return weight[idx.int()]
