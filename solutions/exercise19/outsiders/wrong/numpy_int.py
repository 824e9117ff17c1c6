# fails: size: returns a numpy.int64

import numpy as np
import torch.nn.functional as F


def padded_size(num, multiple):
    num = np.int64(num)
    return num + np.mod(-num, np.int64(multiple))


def padded_loss(hidden, weight, target, num):
    scores = hidden.reshape(-1, weight.shape[1]).mm(weight[:num].t())
    return F.cross_entropy(scores, target.reshape(-1))
