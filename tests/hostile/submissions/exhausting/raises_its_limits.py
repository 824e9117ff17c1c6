"""Raise its own limits."""
# ends as: failed

import resource

for limit in range(16):
    try:
        soft, hard = resource.getrlimit(limit)
        if hard != resource.RLIM_INFINITY:
            resource.setrlimit(limit, (hard + 1, hard + 1))
            print("BREACH raised", limit)
    except (ValueError, OSError):
        continue


def double(x):
    return x
