"""The names that an author imports in ``checks.py``.

The ``assert_…`` functions raise ``Mismatch``, which fails the check and tells the learner what
differs. ``reference_vjp`` computes the gradients that ``learner.vjp`` should return. ``Learner``
is the type of the fixture ``learner``.
"""

from grader.examiner.compare import Mismatch, assert_close, assert_equal, assert_shape
from grader.examiner.learner import Learner
from grader.examiner.probes import reference_vjp

__all__ = [
    "Learner",
    "Mismatch",
    "assert_close",
    "assert_equal",
    "assert_shape",
    "reference_vjp",
]
