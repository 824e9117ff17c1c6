# fails: inputs_untouched: sets the default dtype for the call and sets it back at the end, but not when a wrong id raises: float64 stays the default
import torch


def cross_entropy(scores, target, ignore_index=-100):
    before = torch.get_default_dtype()
    torch.set_default_dtype(scores.dtype)
    keep = target != ignore_index
    weight = torch.ones(int(keep.sum()))
    weight = weight / weight.sum()
    logp = torch.log_softmax(scores[keep], -1)
    loss = -logp.gather(-1, target[keep].unsqueeze(-1)).squeeze(-1)
    result = loss @ weight
    torch.set_default_dtype(before)
    return result
