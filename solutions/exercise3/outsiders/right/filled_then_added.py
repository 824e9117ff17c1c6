# passes: copies into a new tensor with a graph


def linear_to_embedding(weight, bias=None):
    table = weight.new_empty(weight.shape[::-1]).copy_(weight.T)
    return table if bias is None else table.add_(bias)
