# fails: product: it looks rows up and adds a product of zeros and the table

import torch


def one_hot_lookup(weight, idx):
    zeros = weight.new_zeros(*idx.shape, len(weight))
    return weight[idx] + zeros @ weight
