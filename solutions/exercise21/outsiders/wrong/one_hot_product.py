# fails: other_rows, no_whole_table: a product with one-hot rows spreads infinite gradients
import torch


def sparse_step(weight, idx, grad_output, lr):
    """Multiply."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    one_hot = (ids == torch.arange(len(weight), device=ids.device).unsqueeze(1)).to(rows.dtype)
    with torch.no_grad():
        weight -= lr * (one_hot @ rows)
