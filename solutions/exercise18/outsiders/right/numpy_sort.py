# passes: numpy
import numpy as np
import torch


def nearest(weight, ids, k):
    w = weight.detach().cpu().numpy().astype(np.float64)
    n = np.sqrt((w**2).sum(1, keepdims=True))
    u = np.divide(w, n, out=np.zeros_like(w), where=n > 0)
    flat = ids.reshape(-1).cpu().numpy()
    c = u[flat] @ u.T
    c[np.arange(len(flat)), flat] = -np.inf
    best = np.argsort(-c, axis=1, kind="stable")[:, :k]
    return torch.from_numpy(best.astype(np.int64).copy()).reshape(*ids.shape, k).to(ids.device)
