"""A flat batch, and one loop over its queries."""

import torch


def attention(query, key, value):
    leading = query.shape[:-2]
    queries = query.reshape(-1, *query.shape[-2:])
    keys = key.reshape(-1, *key.shape[-2:])
    values = value.reshape(-1, *value.shape[-2:])
    results = []
    for q, k, v in zip(queries, keys, values):
        rows = [torch.softmax(k @ row / len(row) ** 0.5, 0) @ v for row in q]
        results.append(torch.stack(rows))
    return torch.stack(results).reshape(*leading, query.shape[-2], value.shape[-1])
