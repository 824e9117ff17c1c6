# fails: rows, parameter, start, padding_start, padding_gradient, padding_output, state_dict, conversion, bad_ids, training: it reloads the module and inherits from its class, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


import importlib
from torch.nn.modules import sparse


class Embedding(importlib.reload(sparse).Embedding):
    pass
