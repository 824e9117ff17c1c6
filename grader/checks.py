"""What the author of an exercise imports in ``checks.py``.

Comparisons raise ``Mismatch``, which fails the check and tells the learner what differs.
``reference_vjp`` computes the gradients that ``learner.vjp`` should return.
"""

from grader.examiner.compare import Mismatch, assert_close, assert_equal, assert_shape
from grader.examiner.probes import reference_vjp
from grader.examiner.learner import Learner

__all__ = [
    "Learner",
    "Mismatch",
    "assert_close",
    "assert_equal",
    "assert_shape",
    "reference_vjp",
]
