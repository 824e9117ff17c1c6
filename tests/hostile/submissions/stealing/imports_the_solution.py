"""Import the solution from its file."""
# ends as: failed

import importlib.util

try:
    spec = importlib.util.spec_from_file_location(
        "solution", "@COURSE@/solutions/target/solution.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print("BREACH", module.double)
except OSError:
    pass


def double(x):
    return x
