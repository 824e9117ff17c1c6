# fails: rows: nan in a selected row becomes zero
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    return torch.nan_to_num(weight[idx.long()], nan=0.0, posinf=float("inf"), neginf=float("-inf"))
