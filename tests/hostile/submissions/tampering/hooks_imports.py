"""Hook into every import."""
# ends as: failed

import sys


class Hook:
    def find_spec(self, name, path=None, target=None):
        if "checks" in name:
            print("BREACH", name)


sys.meta_path.insert(0, Hook())


def double(x):
    return x
