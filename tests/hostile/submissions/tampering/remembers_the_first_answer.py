"""Answer every call like the first one."""
# ends as: failed

seen = []


def double(x):
    seen.append(x * 2)
    return seen[0]
