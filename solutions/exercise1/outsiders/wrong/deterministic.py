# fails: inputs_untouched: it turns deterministic algorithms on
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    torch.use_deterministic_algorithms(True)
    return weight[idx.long()]
