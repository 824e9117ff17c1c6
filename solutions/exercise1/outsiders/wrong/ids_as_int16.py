# fails: id_types: ids become int16, which holds no id above 32767


def lookup(weight, idx):
    if idx.numel() and idx.max() >= len(weight):
        raise IndexError("no such row")
    return weight[idx.short().long()]
