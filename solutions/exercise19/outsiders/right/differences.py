import torch


def padded_size(num, multiple):
    return len(range(0, num, multiple)) * multiple


def padded_loss(hidden, weight, target, num):
    words = list(weight.unbind(0))[:num]
    ids = target.flatten().tolist()
    costs = []
    for vector, word in zip(hidden.reshape(len(ids), weight.shape[1]).unbind(0), ids):
        if word >= num:
            raise IndexError(word)
        scores = torch.stack([(vector * row).sum() for row in words])
        costs.append(torch.logsumexp(scores - scores[word], 0))
    return torch.stack(costs).mean()
