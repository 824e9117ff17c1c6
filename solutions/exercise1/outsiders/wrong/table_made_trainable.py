# fails: inputs_untouched: it sets requires_grad on the caller's table


def lookup(weight, idx):
    return weight.requires_grad_()[idx].clone()
