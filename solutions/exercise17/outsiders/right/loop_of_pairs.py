import torch


def cost(score):
    return torch.logsumexp(torch.stack([torch.zeros_like(score), -score]), 0)


def sgns_loss(centers, contexts, center, context, negatives):
    count = negatives.shape[-1]
    one, two = center.flatten().tolist(), context.flatten().tolist()
    many = negatives.reshape(len(one), count).tolist()
    total = centers.new_zeros(())
    for c, o, drawn in zip(one, two, many):
        total = total + cost(centers[c].dot(contexts[o]))
        for n in drawn:
            total = total + cost(-centers[c].dot(contexts[n]))
    return total / len(one)
