# passes: a loop over pairs and negatives
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    total = centers.new_zeros(())
    flat = negatives.reshape(center.numel(), negatives.shape[-1])
    pairs = list(zip(center.reshape(-1).tolist(), context.reshape(-1).tolist(), flat.tolist()))
    for c, o, others in pairs:
        total = total - F.logsigmoid(centers[c] @ contexts[o])
        for n in others:
            total = total - F.logsigmoid(-(centers[c] @ contexts[n]))
    return total / len(pairs)
