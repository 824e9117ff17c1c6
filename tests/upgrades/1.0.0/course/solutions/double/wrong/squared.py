"""You multiply the input by itself; twice the input is something else."""


def double(x):
    return x * x
