# fails: sum, mean, max, empty_bags, one_bag, dtype, sum_gradient, max_gradient, unknown_mode, inputs_untouched: it calls torch.embedding_bag, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


def embedding_bag(weight, idx, offsets, mode):
    return torch.embedding_bag(weight, idx, offsets)[0]
