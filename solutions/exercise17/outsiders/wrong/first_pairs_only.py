# fails: loss: only the first 10,000 pairs count
import torch
import torch.nn.functional as F
from torch import Tensor

MAX_WORDS_IN_BATCH = 10000  # the buffers of gensim have this size


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    count = negatives.shape[-1]
    c = center.reshape(-1)[:MAX_WORDS_IN_BATCH].long()
    o = context.reshape(-1)[:MAX_WORDS_IN_BATCH].long()
    n = negatives.reshape(center.numel(), count)[:MAX_WORDS_IN_BATCH].long()
    v = centers[c]
    positive = (v * contexts[o]).sum(-1)
    negative = (v.unsqueeze(1) * contexts[n]).sum(-1)
    return (-F.logsigmoid(positive) - F.logsigmoid(-negative).sum(1)).mean()
