print("\x1b[1mloaded\x1b[0m [red]not markup[/red]")


def double(x):
    print("doubling", tuple(x.shape))
    return x.tolist()
