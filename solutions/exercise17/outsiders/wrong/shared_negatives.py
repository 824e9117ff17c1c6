# fails: negatives, loss: uses the negatives of the first pair for all
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center].reshape(-1, centers.shape[1])
    o = contexts[context].reshape(-1, centers.shape[1])
    n = contexts[negatives.reshape(-1, negatives.shape[-1])[0]]
    return -(F.logsigmoid((c * o).sum(-1)) + F.logsigmoid(-c @ n.T).sum(-1)).mean()
