def relative_bias(scores, table):
    far = table.shape[0] // 2
    out = scores.clone()
    for i in range(scores.shape[-2]):
        for j in range(scores.shape[-1]):
            d = max(-far, min(far, j - i))
            out[..., i, j] += table[d + far]
    return out
