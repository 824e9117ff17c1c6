"""Hidden checks of exercise 19.

The oracle computes each loss in float64 from the rows of the words alone: the logarithm of the
sum of all exponentials, minus the score of the target.
"""

import torch

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
    reference_vjp,
)

ERRORS = (IndexError, RuntimeError, ValueError)

COMBINATIONS = tuple(
    pairwise(
        shape=((4,), (), (1,), (2, 1, 3)),
        # Which of hidden and weight require a gradient.
        trained=((False, False), (False, True), (True, False), (True, True)),
        # These are num and dim.
        size=((5, 3), (1, 1), (40, 2), (3, 3)),
        spare=("none", "one", "largest"),
        scores=("small", "large"),
        dtype=(torch.float32, torch.float64),
        arrange_hidden=(torch.clone, noncontiguous),
        arrange_weight=(torch.clone, noncontiguous),
        arrange_target=(torch.clone, noncontiguous),
    )
)


def table(rng, *shape, dtype=torch.float32):
    """Random numbers, all different."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def whole(rng, largest, *shape):
    """Whole numbers from ``-largest`` to ``largest``. Their products are exact in float32."""
    return torch.randint(-largest, largest + 1, shape, generator=rng).float()


def words(rng, num, *shape):
    """Ids below ``num``."""
    return torch.randint(num, shape, generator=rng)


def oracle(hidden, weight, target, num):
    """The mean cross-entropy over the first ``num`` rows, in the dtype of ``weight``."""
    scores = hidden.double() @ weight[:num].double().T
    right = scores.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return (scores.logsumexp(-1) - right).mean().to(weight.dtype)


def loss(learner, device, hidden, weight, target, num):
    """What the learner's function returns."""
    return learner.padded_loss(hidden.to(device), weight.to(device), target.to(device), num)


def check(learner, device, hidden, weight, target, num):
    """Compare the learner's loss with the oracle's."""
    found = loss(learner, device, hidden, weight, target, num)
    assert_close(found, oracle(hidden, weight, target, num), "the loss")


def test_size(learner, rng):
    """Sizes between multiples, multiples themselves, zero, one, and a size that no float holds."""
    multiple = int(torch.randint(3, 4097, (), generator=rng))
    steps = int(torch.randint(2, 1000, (), generator=rng))
    # An odd number that is too large for a float.
    third = 2**58 - 2 * steps - 1
    for num, to in (
        (multiple * steps - 1, multiple),
        (multiple * steps, multiple),
        (multiple * steps + 1, multiple),
        (1 + multiple // 2, multiple),
        (0, multiple),
        (steps, 1),
        (3 * third - 1, 3),
        (0, 1),
        (2**60 - 1, 1),
        (1, 4096),
        (2**60 - 1, 4096),
    ):
        # One at a time, until `to` divides it.
        expected = next(size for size in range(num, num + to) if size % to == 0)
        assert_equal(learner.padded_size(num, to), expected, "the size")


def test_loss(learner, rng, device):
    """With and without spare rows, for one word and for many, and for small and large scores.

    The spare rows hold ordinary numbers.
    """
    for spare in (3, 0):
        num, dim, count = distinct_sizes(rng, 3)
        hidden, weight = table(rng, count, dim), table(rng, num + spare, dim)
        check(learner, device, hidden, weight, words(rng, num, count), num)

    # Hundreds of words and targets. Most scores have no exponential in float32, and all scores of
    # every second target are around -8,000. No spare row can have a larger one.
    hidden, weight = whole(rng, 10, 270, 33), whole(rng, 10, 300, 33)
    hidden[::2, -1], weight[:, -1] = -100, 80
    check(learner, device, hidden, weight, words(rng, 300, 270), 300)
    # Thousands of words, and hundreds of columns.
    check(
        learner, device, table(rng, 3, 1), table(rng, 2**15 + 9, 1), words(rng, 2**15, 3), 2**15 + 7
    )
    check(learner, device, whole(rng, 1, 4, 270), whole(rng, 1, 9, 270), words(rng, 7, 4), 7)
    # A square table, and thousands of targets, of which the last ones cost less. In float64,
    # losses can be added one by one; its digits belong to another check.
    double = torch.float64
    hidden, weight = table(rng, 12_007, 4, dtype=double), table(rng, 4, 4, dtype=double)
    hidden[11_300:] = 0
    given = hidden, weight, words(rng, 3, 12_007), 3
    assert_close(loss(learner, device, *given).float(), oracle(*given).float(), "the loss")
    # One word without a rival.
    hidden, weight = table(rng, 3, 1).abs(), table(rng, 7, 1).abs()
    check(learner, device, hidden, weight, words(rng, 1, 3), 1)
    # The sizes of the statement's example, with other numbers.
    check(learner, device, table(rng, 1, 1), table(rng, 3, 1), words(rng, 2, 1), 2)


def differs_in_float32(found, expected):
    """Whether two losses differ in the digits of float32, or not both are numbers."""
    try:
        assert_close(found.float(), expected.float())
    except (AttributeError, AssertionError):
        return True
    return False


def test_junk(learner, rng, device):
    """The spare rows have large scores of both signs, and all real scores are far from zero.

    Two spare rows hold numbers so large that their scores and their sum are infinite. The digits of
    float64 belong to another check.
    """
    for junk, shift, dtype in (
        (3e4, -20, torch.float32),
        (3e4, -3331, torch.float64),
        (-3e4, 3331, torch.float64),
    ):
        num, dim, count = distinct_sizes(rng, 3)
        hidden, weight = whole(rng, 1, count, dim), whole(rng, 1, num + 4, dim)
        # The last column moves all real scores by -60, -9,993 or 9,993.
        hidden[:, -1], weight[:, -1], weight[num:, -1] = 3, shift, junk
        hidden, weight = hidden.to(dtype), weight.to(dtype)
        if junk > 0 and dtype is torch.float64:
            weight[-2:, -1] = torch.finfo(dtype).max
        given = hidden, weight, words(rng, num, count)
        found, expected = loss(learner, device, *given, num), oracle(*given, num)
        if differs_in_float32(found, expected):
            assert_close(found, expected, "the loss")


def gradients(learner, rng, device, shape, spare, junk):
    """The learner's gradients of hidden and weight, and the expected ones.

    The spare rows hold numbers as large as ``junk``.
    """
    num, dim = distinct_sizes(rng, 2)
    hidden, weight = table(rng, *shape, dim), table(rng, num + spare, dim)
    weight[num:] *= junk
    target = words(rng, num, *shape)
    cotangent = 1 + torch.rand((), generator=rng)
    sent = [each.to(device).requires_grad_() for each in (hidden, weight)]
    _, (for_hidden, for_weight, *_) = learner.vjp(
        "padded_loss", *sent, target.to(device), num, cotangent=cotangent.to(device)
    )
    _, expected = reference_vjp(oracle, *sent, target, num, cotangent=cotangent)
    return num, for_hidden, for_weight, *expected[:2]


def test_any_shape(learner, rng, device):
    """Targets of 0 to 4 dimensions, also expanded and in any order in memory.

    Gradients go back for targets of two dimensions.
    """
    for shape in ((), (3, 4), (2, 3, 1, 2)):
        num, dim = distinct_sizes(rng, 2, 5, 9)
        hidden, weight = table(rng, *shape, dim), table(rng, num + 2, dim)
        target = words(rng, num, *shape)
        listed = loss(learner, device, hidden.reshape(-1, dim), weight, target.reshape(-1), num)
        arranged = noncontiguous(hidden), noncontiguous(weight), noncontiguous(target)
        found = loss(learner, device, *arranged, num)
        assert_close(found, listed, "the loss, compared with that for a list of the targets")

    hidden, weight, target = table(rng, 4), table(rng, 7, 4), words(rng, 5, 1)
    found = loss(learner, device, hidden.expand(2, 3, 4), weight, target.expand(2, 3), 5)
    listed = loss(learner, device, hidden[None], weight, target, 5)
    assert_close(found, listed, "the loss, compared with that for one of the equal targets")

    _, for_hidden, for_weight, hidden, weight = gradients(learner, rng, device, (2, 3), 3, 1.0)
    assert_close(for_hidden, hidden, "the gradient of hidden")
    assert_close(for_weight, weight, "the gradient of weight")


def test_dtype(learner, rng, device):
    """float32 and float64 stay. In float64, the scores are large and differ by little.

    There are hundreds of targets and words then.
    """
    for dtype, size, count, num in ((torch.float32, 0.0, 4, 6), (torch.float64, 3e3, 270, 300)):
        hidden, weight = table(rng, count, 3, dtype=dtype), table(rng, num + 2, 3, dtype=dtype)
        target = words(rng, num, count)
        # The first column adds 6,000 to each score.
        hidden[:, 0], weight[:, 0] = 2, size
        found = loss(learner, device, hidden, weight, target, num)
        assert_equal(getattr(found, "dtype", None), dtype, "the dtype of the loss")
        assert_close(found, oracle(hidden, weight, target, num), "the loss")


def test_real_gradient(learner, rng, device):
    """A random gradient goes back to the vectors and to the words, with and without spare rows."""
    for spare in (2, 0):
        num, for_hidden, for_weight, hidden, weight = gradients(
            learner, rng, device, (5,), spare, 1.0
        )
        assert_close(for_hidden, hidden, "the gradient of hidden")
        assert_equal(
            getattr(for_weight, "shape", None), weight.shape, "the shape of weight's gradient"
        )
        assert_close(for_weight[:num], weight[:num], "the gradient of the words' rows")


def test_padding_gradient(learner, rng, device):
    """Small and large numbers in the spare rows; then their gradient is exactly zero."""
    for junk in (1.0, 3e4):
        num, _, for_weight, _, weight = gradients(learner, rng, device, (6,), 3, junk)
        assert_equal(
            getattr(for_weight, "shape", None), weight.shape, "the shape of weight's gradient"
        )
        assert_equal(
            for_weight[num:], torch.zeros_like(weight[num:]), "the gradient of the spare rows"
        )


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients."""
    for case in COMBINATIONS:
        num, dim = case["size"]
        spare = {"none": 0, "one": 1, "largest": 2}[case["spare"]]
        hidden = table(rng, *case["shape"], dim, dtype=case["dtype"])
        weight = table(rng, num + spare, dim, dtype=case["dtype"])
        if case["scores"] == "large":
            # Whole scores to 10,000 that are far apart, so that no digit is lost in float32.
            hidden[..., 0] = 100 * hidden[..., 0].sign()
            hidden[..., 1:] = 0
            weight[:num, 0] = (100 - 5 * torch.randperm(num, generator=rng)).to(case["dtype"])
            if case["dtype"] is torch.float64:
                # float32 cannot hold these numbers.
                weight[:num, 0] /= 1.1
        if case["spare"] == "largest":
            weight[num:] = torch.finfo(case["dtype"]).max
        check_combination(
            learner,
            rng,
            device,
            case["arrange_hidden"](hidden),
            case["arrange_weight"](weight),
            case["arrange_target"](words(rng, num, *case["shape"])),
            num,
            case["trained"],
        )


def check_combination(learner, rng, device, hidden, weight, target, num, trained):
    """Compare the loss, and the gradients of the inputs that require one."""
    if not any(trained):
        check(learner, device, hidden, weight, target, num)
        return

    cotangent = (1 + torch.rand((), generator=rng, dtype=torch.float64)).to(weight.dtype)
    sent = [
        each.to(device).requires_grad_(required)
        for each, required in zip((hidden, weight), trained, strict=True)
    ]
    found, (for_hidden, for_weight, *_) = learner.vjp(
        "padded_loss", *sent, target.to(device), num, cotangent=cotangent.to(device)
    )
    hidden, weight = hidden.detach(), weight.detach()
    assert_close(found, oracle(hidden, weight, target, num), "the loss")

    # The derivative of the loss by a score is softmax - 1 for the target and softmax for others.
    flat, rows = hidden.reshape(-1, hidden.shape[-1]).double(), weight[:num].double()
    slopes = (flat @ rows.T).softmax(1)
    slopes -= torch.eye(num, dtype=torch.float64)[target.reshape(-1)]
    slopes *= cotangent / target.numel()
    if trained[0]:
        wanted = (slopes @ rows).reshape(hidden.shape).to(hidden.dtype)
        assert_close(for_hidden, wanted, "the gradient of hidden")
    if trained[1]:
        wanted = torch.zeros_like(weight, memory_format=torch.contiguous_format)
        wanted[:num] = (slopes.T @ flat).to(weight.dtype)
        assert_close(for_weight, wanted, "the gradient of weight")
        assert_equal(for_weight[num:], wanted[num:], "the gradient of the spare rows")


def test_target(learner, rng):
    """The first and the last spare row as targets, and one more than there are rows.

    One of these targets has no dimension. This check always runs on the CPU, because such a target
    makes a GPU unusable.
    """
    num, dim, spare = distinct_sizes(rng, 3)
    hidden, weight = table(rng, 3, dim), table(rng, num + spare, dim)
    # Words as targets are fine. This also tells the starter's exception from a refusal.
    assert_shape(learner.padded_loss(hidden, weight, words(rng, num, 3), num), (), "the loss")
    for wrong in (num, num + spare - 1, num + spare):
        target = words(rng, num, 3)
        target[1] = wrong
        sent = hidden, target
        if wrong == num + spare - 1:
            sent = hidden[1], target[1]
        learner.must_raise(ERRORS, "padded_loss", sent[0], weight, sent[1], num)


def test_untouched(learner, rng, device):
    """The grader compares the inputs before and after each call. These calls are some of them."""
    for requires in (False, True):
        num, dim, count = distinct_sizes(rng, 3)
        weight = table(rng, num + 2, dim).requires_grad_(requires)
        found = loss(learner, device, table(rng, count, dim), weight, words(rng, num, count), num)
        assert_shape(found, (), "the loss")
