# fails: rows, any_rank, single_id, empty, dtype, id_types, out_of_range, gradient, inputs_untouched: it calls F.embedding, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


def lookup(weight, idx):
    return F.embedding(idx, weight)
