"""Hidden checks of exercise 13. ``F.cross_entropy`` in float64 gives the expected losses."""

import math

import torch
from torch.nn import functional as F

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
)

BAD_ID = (IndexError, RuntimeError, ValueError)
LOWEST = -(2**63)

# In this order of the names, there are 13.
COMBINATIONS = tuple(
    pairwise(
        shape=((5,), (2, 1, 3), (), (1, 4)),
        arrange_scores=(torch.clone, noncontiguous),
        # None stands for the default, and 1 is a class unless there is only one.
        ignore_index=(None, 1, LOWEST),
        num=(5, 1),
        arrange_target=(torch.clone, noncontiguous),
        trained=(False, True),
        ignored=("", "finite", "nan"),
        large=(False, True),
        dtype=(torch.float32, torch.float64),
    )
)


def table(rng, *shape, dtype=torch.float32, size=2.0):
    """Random scores, all different."""
    numbers = torch.randn(shape, generator=rng, dtype=torch.float64)
    return (size * numbers).to(dtype)


def classes(rng, num, *shape):
    """Classes below ``num`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    order = torch.randperm(num, generator=rng)
    return order.repeat(count // num + 1)[:count].reshape(shape)


def reference(scores, target, ignore_index=-100):
    """The loss of the positions that count, in float64 and then in the dtype of the scores."""
    keep = target != ignore_index
    loss = F.cross_entropy(scores[keep].double(), target[keep])
    return loss.to(scores.dtype)


def expected_gradient(scores, target, ignore_index=-100):
    """The gradient of the loss: the softmax minus 1 at the ids, divided by their number."""
    keep = target != ignore_index
    ids = target[keep]
    rows = scores[keep].double().softmax(-1)
    rows[torch.arange(len(ids)), ids] -= 1
    gradient = torch.zeros_like(scores)
    gradient[keep] = (rows / len(ids)).to(scores.dtype)
    return gradient


def check(learner, device, scores, target, *ignore_index):
    """Compare the learner's loss with the reference."""
    loss = learner.cross_entropy(scores.to(device), target.to(device), *ignore_index)
    assert_close(loss, reference(scores, target, *ignore_index), "the loss")


def test_value(learner, rng, device):
    """Every id counts here. Some classes repeat, and some do not occur."""
    num, count = distinct_sizes(rng, 2, low=4, high=9)
    # Twice the same sizes: a loss that is remembered by shape is wrong the second time.
    for _ in range(2):
        scores = table(rng, count, num)
        # A row may be negative throughout.
        scores[0] -= 9
        check(learner, device, scores, classes(rng, num, count))
    # As many positions as classes, then more classes than a 16-bit id can name, and thousands of
    # positions, of which the last ones cost less.
    check(learner, device, table(rng, 5, 5), classes(rng, 4, 5))
    many = 2**15 + 3
    # Most classes are so unlikely that one adds nothing to 1 in float32, but together they count.
    scores = torch.full((2, many), -17.0)
    scores[:, -6:] = table(rng, 2, 6, size=0.3)
    check(learner, device, scores, many - 1 - classes(rng, 3, 2))
    # In float64, losses can be added one by one; its digits belong to another check.
    scores, target = table(rng, 12_007, 2, dtype=torch.float64), classes(rng, 2, 12_007)
    scores[11_300:] = 0
    loss = learner.cross_entropy(scores.to(device), target.to(device))
    assert_close(loss.float(), reference(scores, target).float(), "the loss")
    check(learner, device, table(rng, 1, num), classes(rng, num, 1))


def some_ignored(rng, num, count, ignored, ignore_index):
    """Random scores and classes; ``ignored`` positions have ``ignore_index``.

    With an ``ignore_index`` of -1, class 1 occurs at a position that counts, and class 0 with the
    lowest one, whose distance from 0 no int64 number holds.
    """
    target = classes(rng, num, count)
    target[target == ignore_index] = (ignore_index + 1) % num
    order = torch.randperm(count, generator=rng)
    target[order[:ignored]] = ignore_index
    if ignore_index == -1:
        target[order[-1]] = 1
    if ignore_index == LOWEST:
        target[order[-1]] = 0
    return table(rng, count, num), target


def test_ignored(learner, rng, device):
    """Positions with ignore_index count neither in the sum nor in the number.

    Their scores may hold infinity and nan. Only one of thousands of positions may count.
    """
    num, count = distinct_sizes(rng, 2, low=5, high=9)
    # Classes, negative numbers and numbers above the classes can be ignored.
    drawn = int(torch.randint(num, 10_000, (), generator=rng))
    for ignored, ignore_index, spoiled in (
        (2100, -100, None),
        (2, 0, (math.inf, math.inf)),
        (3, num - 1, None),
        (2, -1, (math.nan, math.nan)),
        (2, drawn, (-math.inf, math.inf)),
    ):
        scores, target = some_ignored(rng, num, max(count, ignored + 1), ignored, ignore_index)
        if spoiled is not None:
            place = (target == ignore_index).nonzero()[0]
            scores[place, 0], scores[place, num - 1] = spoiled
        default = () if ignore_index == -100 else (ignore_index,)
        check(learner, device, scores, target, *default)

    scores, target = some_ignored(rng, num, count, 2, 1)
    loss = learner.cross_entropy(scores.to(device), target.to(device), ignore_index=1)
    assert_close(loss, reference(scores, target, 1), "the loss")
    # The sizes of the statement's example, with other numbers.
    check(learner, device, table(rng, 3, 2), torch.tensor([0, 1, -100]))


def test_large(learner, rng, device):
    """The exponential of a large score is infinite, and those of a very negative row are all 0."""
    num, count = distinct_sizes(rng, 2, low=4, high=9)
    # Scores that are this far apart give whole losses. A difference of large scores is exact
    # then, so its lost digits cost nobody points.
    steps = torch.stack([torch.randperm(num, generator=rng) for _ in range(count)])
    near = 60.0 * steps - 180
    # A maximum of all scores is not enough: the last row is low and the others are high.
    both = near + 9_500
    both[-1] -= 19_000
    # Near ±100, the exponentials leave the range of float32, but a difference keeps its digits.
    close = table(rng, count, num)
    close[0] += 220
    for scores in (both, 20 * near, close - 110):
        target = classes(rng, num, count)
        loss = check_gradient(learner, rng, device, scores, target)
        assert_close(loss, reference(scores, target), "the loss")


def check_gradient(learner, rng, device, scores, target, *ignore_index):
    """Compare the gradient of the scores for a random gradient of the loss. Return the loss.

    The gradient of a score that is not finite does not matter.
    """
    cotangent = torch.randn((), generator=rng, dtype=torch.float64).to(scores.dtype)
    expected = expected_gradient(scores, target, *ignore_index) * cotangent
    sent = scores.detach().to(device).requires_grad_()
    loss, (found, *_) = learner.vjp(
        "cross_entropy", sent, target.to(device), *ignore_index, cotangent=cotangent.to(device)
    )
    assert_shape(found, scores.shape, "the gradient of scores")
    found = found.cpu().masked_fill(~scores.isfinite(), 0)
    assert_close(found, expected, "the gradient of scores")
    return loss


def test_gradient(learner, rng, device):
    """Every score of a position that counts gets a gradient; ignored positions get zeros.

    One ignored position has an infinite score beside finite ones.
    """
    num, count, length = distinct_sizes(rng, 3, low=4, high=9)
    check_gradient(learner, rng, device, table(rng, 2, length, num), classes(rng, num, 2, length))
    check_gradient(learner, rng, device, table(rng, num), classes(rng, num, 1)[0])
    for ignore_index in (-100, 2):
        scores, target = some_ignored(rng, num, count, 2, ignore_index)
        scores[(target == ignore_index).nonzero()[0], 1] = math.inf
        check_gradient(learner, rng, device, scores, target, ignore_index)


def test_any_shape(learner, rng, device):
    """The same positions in another shape have the same loss.

    Positions of several dimensions, a single id without a dimension, and a single class. In
    some tensors the dimensions are swapped or repeated in memory, so `view` cannot flatten them.
    Others are a part of longer ones.
    """
    num = distinct_sizes(rng, 1, low=5, high=9)[0]
    scores, target = some_ignored(rng, num, 12, 2, -100)
    listed = learner.cross_entropy(scores.to(device), target.to(device))
    for shape in ((3, 4), (12, 1), (2, 1, 2, 1, 3)):
        sent = scores.reshape(*shape, num), target.reshape(shape)
        if len(shape) < 4:
            sent = noncontiguous(sent[0]), noncontiguous(sent[1])
        else:
            sent = begin_of_longer(sent[0], -2), begin_of_longer(sent[1], -1)
        check_like_list(learner, device, *sent, listed)

    scores, target = table(rng, 1, num), classes(rng, num, 1)
    listed = learner.cross_entropy(scores.to(device), target.to(device))
    check_like_list(learner, device, scores[0], target[0], listed)
    # Each of these positions has the same scores and id, so the mean is that of one.
    check_like_list(learner, device, scores.expand(4, 3, num), target.expand(4, 3), listed)
    target = torch.zeros(3, dtype=torch.int64)
    zero = learner.cross_entropy(table(rng, 3, 1).to(device), target.to(device))
    assert_close(zero, torch.tensor(0.0), "the loss if there is a single class")


def begin_of_longer(tensor, dim):
    """The same numbers as the begin of a tensor that is longer in one dimension."""
    return torch.cat([tensor, tensor], dim).narrow(dim, 0, tensor.shape[dim])


def check_like_list(learner, device, scores, target, listed):
    """Compare the loss with ``listed``, that for a flat list of the same positions."""
    assert_shape(listed, (), "the loss for a flat list of the ids")
    loss = learner.cross_entropy(scores.to(device), target.to(device))
    assert_close(loss, listed, "the loss, compared with that for a flat list of the ids")


def test_out_of_range(learner, rng):
    """An id that is neither a class nor ignore_index raises an error.

    In one call, it is next to an ignore_index that has another neighbor as a float.
    On the CPU only, because such an id makes a GPU unusable.
    """
    num, count = distinct_sizes(rng, 2, low=4, high=9)
    loss = learner.cross_entropy(table(rng, count, num), classes(rng, num, count))
    assert_shape(loss, (), "the loss of valid ids")
    for bad, ignore_index in ((num, -100), (-1, -100), (-100, 1), (2**53 + 1, 2**53)):
        scores, target = table(rng, count, num), classes(rng, num, count)
        target[1] = bad
        # In float64, a default dtype that an error leaves behind shows.
        learner.must_raise(BAD_ID, "cross_entropy", scores.double(), target, ignore_index)
    # Code for a single id is often another one.
    learner.must_raise(BAD_ID, "cross_entropy", scores[0], torch.tensor(-1))


def test_dtype(learner, rng, device):
    """float64 scores keep their digits, also large ones. The other checks send float32."""
    num, count = distinct_sizes(rng, 2, low=4, high=9)
    for shift in (0, 1e6):
        scores = table(rng, count, num, dtype=torch.float64) + shift
        target = classes(rng, num, count)
        loss = learner.cross_entropy(scores.to(device), target.to(device))
        assert_equal(getattr(loss, "dtype", None), torch.float64, "the dtype of the loss")
        assert_close(loss, reference(scores, target), "the loss")
        # By chance, it does with a probability of 2e-9: float32 has 29 bits less.
        rounded = bool(loss == loss.float())
        assert_equal(rounded, False, "whether float32 can hold the loss exactly")


def combined(rng, case):
    """Scores and target of a combination. The last id is 0, which counts."""
    shape, num = case["shape"], case["num"]
    count = math.prod(shape)
    scores = torch.randn(count, num, generator=rng, dtype=case["dtype"])
    if case["large"]:
        # The differences are whole, so that no code loses their digits.
        scores = 9_900 - 60 * scores.argsort(-1).to(scores.dtype)
    target = torch.randint(num, (count,), generator=rng)
    target[-1] = 0
    if case["ignored"]:
        target[:-2] = case["ignore_index"] or -100
    if case["ignored"] == "nan":
        scores[:-2, 0], scores[:-2, -1] = math.nan, math.inf
    scores = case["arrange_scores"](scores.reshape(*shape, num))
    return scores, case["arrange_target"](target.reshape(shape))


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients."""
    for case in COMBINATIONS:
        scores, target = combined(rng, case)
        options = () if case["ignore_index"] is None else (case["ignore_index"],)
        if case["trained"]:
            loss = check_gradient(learner, rng, device, scores, target, *options)
            assert_close(loss, reference(scores, target, *options), "the loss")
        else:
            check(learner, device, scores, target, *options)


def look_afterwards(learner, scores, target, ignore_index) -> tuple[torch.Tensor, torch.Tensor]:
    """Called cross_entropy(scores, target, ignore_index), then read scores and target."""
    learner.cross_entropy(scores, target, ignore_index)
    return scores, target


def test_inputs_untouched(learner, rng, device):
    """The inputs are the same after the call, with and without ignored positions.

    The grader itself compares the arguments of every other call.
    """
    num, count = distinct_sizes(rng, 2, low=5, high=9)
    for ignored, ignore_index in ((0, -100), (2, 0)):
        scores, target = some_ignored(rng, num, count, ignored, ignore_index)
        after = learner.run(look_afterwards, scores.to(device), target.to(device), ignore_index)
        for name, now, then in zip(("scores", "target"), after, (scores, target), strict=True):
            assert_equal(now, then, f"{name} after the call")
