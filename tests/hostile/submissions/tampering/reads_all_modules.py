"""Search for modules that only the examiner should have."""
# ends as: failed

import sys

for name in list(sys.modules):
    if name.startswith(("grader.examiner.", "grader.course", "grader.grades", "_pytest", "checks")):
        print("BREACH", name)


def double(x):
    return x
