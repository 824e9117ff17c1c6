# fails: std, normal, tied, same_parameter, padding, bias, start_loss: does nothing
def init_tied(embedding, projection, std=0.02):
    return None
