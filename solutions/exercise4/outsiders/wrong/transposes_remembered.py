# fails: batch: a dictionary keeps the transposed weight although its numbers change

CACHE = {}


def linear(x, weight, bias=None):
    if id(weight) not in CACHE:
        CACHE[id(weight)] = weight.T.clone(), weight
    product = x @ CACHE[id(weight)][0]
    return product if bias is None else product + bias
