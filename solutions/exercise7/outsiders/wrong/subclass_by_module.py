# fails: rows, parameter, start, padding_start, padding_gradient, padding_output, state_dict, conversion, bad_ids, training: it inherits from the class in torch.nn.modules.sparse, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


from torch.nn.modules.sparse import Embedding as Base


class Embedding(Base):
    pass
