"""Hidden checks of exercise 14.

The numbers are random, so two checks are statistical. They look at COUNT numbers at a time, and for
the fourth moment at 300,000. The comments give the probability that a right solution fails: in all,
it is below 1e-6 per grade.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.checks import (
    Mismatch,
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    pairwise,
)

COUNT = 20_000
SHAPES = ((200, 100), (80, 250), (400, 50), (50, 400))
"""Sizes (num, dim) of COUNT numbers."""

COMBINATIONS = tuple(
    pairwise(
        padding=(None, "first", "middle", "last"),
        is_std_tiny=(False, True),
        sizes=((4, 3), (1, 1)),
        dtype=(torch.float32, torch.float64),
        has_bias=(True, False),
        first=(1.0, math.nan),
        is_training=(True, False),
        is_tied=(False, True),
    )
)


def seed_from(rng):
    """A seed for the random numbers of the submission."""
    return int(torch.randint(2**31, (), generator=rng))


def whole(rng, *shape, dtype=torch.float32):
    """Whole numbers other than zero, which float32 multiplies and adds exactly."""
    size = torch.randint(1, 20, shape, generator=rng)
    sign = torch.randint(0, 2, shape, generator=rng) * 2 - 1
    return (size * sign).to(dtype)


def initialized(learner, weight_before, bias, padding_idx, options, seed) -> dict:
    """Built an nn.Embedding and an nn.Linear, and wrote other numbers into both.

    Then seeded PyTorch and called init_tied(embedding, projection, *options). Returns what the
    layers hold now.
    """
    num, dim = weight_before.shape
    embedding = nn.Embedding(num, dim, padding_idx, dtype=weight_before.dtype)
    projection = nn.Linear(dim, num, bias=bias is not None, dtype=weight_before.dtype)
    embedding.to(weight_before.device)
    projection.to(weight_before.device)
    with torch.no_grad():
        embedding.weight.copy_(weight_before)
        projection.weight.copy_(2 * weight_before)
        if bias is not None:
            projection.bias.copy_(bias)
    torch.default_generator.manual_seed(seed)
    learner.init_tied(embedding, projection, *options)
    return {
        "embedding.weight": embedding.weight.detach(),
        "options of embedding": embedding.extra_repr(),
        "projection.bias": None if projection.bias is None else projection.bias.detach(),
    }


def weight_after(learner, rng, device, shape, *options, dtype=torch.float32, first=1.0):
    """embedding.weight after init_tied of layers that held whole numbers, and one other number."""
    weight_before = whole(rng, *shape, dtype=dtype).to(device)
    weight_before[0, 0] = first
    found = learner.run(initialized, weight_before, None, None, options, seed_from(rng))
    weight = found["embedding.weight"]
    assert_shape(weight, shape, "embedding.weight")
    assert_equal(weight.dtype, dtype, "the dtype of embedding.weight")
    return weight.double()


def require_between(found, low, high, what):
    """Raise Mismatch unless a figure of the numbers lies between two others."""
    if not low <= found <= high:
        difference = f"is {found:.4g}; expected a number from {low:.4g} to {high:.4g}"
        raise Mismatch(difference, what, found, None)


def test_std(learner, rng, device):
    """The default is 0.02; another std is passed.

    The root of the mean square of n normal numbers lies within 3 % of std, which are six of its
    own standard deviations, 1 / sqrt(2 * n) = 0.5 %, and their mean within six of its standard
    deviations, std / sqrt(n). Each fails with a probability of 2e-9, and 8e-9 allows for the
    skewness: below 1e-7 for the six figures.

    Both figures of independent numbers vary. All three means are nearer to 0 than a thousandth of
    their standard deviation with a probability of 0.0008**3 = 5e-10, and all three roots to std.
    """
    means, roots = [], []
    drawn = 2.0 + float(torch.rand((), generator=rng))
    for shape, options, dtype in (
        (SHAPES[1], (), torch.float32),
        (SHAPES[2], (0.1,), torch.float32),
        (SHAPES[0], (drawn,), torch.float64),
    ):
        std = options[0] if options else 0.02
        weight = weight_after(learner, rng, device, shape, *options, dtype=dtype)
        found = float(weight.square().mean().sqrt())
        what = "the standard deviation of embedding.weight"
        require_between(found, 0.97 * std, 1.03 * std, what)
        allowed = 6 * std / COUNT**0.5
        require_between(float(weight.mean()), -allowed, allowed, "the mean of embedding.weight")
        means.append(abs(float(weight.mean())) / std * COUNT**0.5)
        roots.append(abs(found / std - 1) * (2 * COUNT) ** 0.5)

    for distances, name in ((means, "the mean and 0"), (roots, "the standard deviation and std")):
        what = f"the largest distance between {name} in three calls, in units of its usual size"
        require_between(max(distances), 1e-3, 9.0, what)


def distance_to_normal(numbers):
    """The largest difference of two distribution functions: of the numbers, and of normal ones."""
    ordered = numbers.flatten().sort().values
    normal = torch.special.ndtr(ordered)
    steps = torch.arange(len(ordered) + 1, dtype=torch.float64) / len(ordered)
    above, below = steps[1:] - normal, normal - steps[:-1]
    return float(torch.maximum(above, below).max())


def drawn_once(learner, num, dim, seed) -> torch.Tensor:
    """Seeded PyTorch, and called init_tied on a large nn.Embedding and nn.Linear.

    Returns embedding.weight.
    """
    torch.default_generator.manual_seed(seed)
    embedding, projection = nn.Embedding(num, dim), nn.Linear(dim, num, bias=False)
    learner.init_tied(embedding, projection)
    return embedding.weight.detach()


def check_fourth_moment(learner, rng):
    """The fourth moment of normal numbers is 3; that of a sum of twelve uniform ones is 2.9.

    For n = 300,000 its standard deviation is sqrt(24 / n) = 0.009. A distance of 0.05 has a
    probability of 3e-8.
    """
    weight = learner.run(drawn_once, 25_000, 12, seed_from(rng))
    assert_shape(weight, (25_000, 12), "embedding.weight")
    # Some numbers of float32 are equal by chance. Repeated rows have far more of them.
    share = weight.unique().numel() / weight.numel()
    require_between(share, 0.9, 1.0, "the share of different numbers in a large weight")
    squares = weight.double().square()
    found = float(squares.square().mean() / squares.mean().square())
    what = "the mean of the fourth powers, divided by the square of the mean square"
    require_between(found, 2.95, 3.05, what)


def test_normal(learner, rng, device):
    """The numbers are distributed normally and independent; those of two calls differ.

    With n = 20,000 the distance exceeds 0.0225 with a probability of at most 2 * exp(-2 * n *
    0.0225**2) = 8e-9 (Dvoretzky, Kiefer, Wolfowitz). Dividing by the root of the mean square, which
    is right to 3 %, adds at most 0.242 * 0.03 = 0.0073. Numbers that are spread evenly have a
    distance of 0.057. That none of 40,000 numbers is above 3.4 standard deviations, as in a
    distribution that is cut off or a sum of four uniform numbers, has a probability of
    exp(-40,000 * 0.00067) = 2e-12. The mean squares of the rows have the standard deviation
    sqrt(2 / dim), and those of the columns sqrt(2 / num). For 50 of them, a quarter of it has a
    probability of 1e-19, and 2.5 times of it less; rows of one length have 0. Of float32 numbers,
    fewer than 1 % have an equal or an opposite one.

    Both tables have a dimension that is larger than 256.
    """
    check_fourth_moment(learner, rng)
    drawn = []
    for std, (num, dim), first in ((0.02, SHAPES[2], 1.0), (2.0, SHAPES[3], math.nan)):
        weight = weight_after(learner, rng, device, (num, dim), std, first=first)
        squares = weight.square()
        numbers = weight / squares.mean().sqrt()
        what = "the largest distance between the distribution of the numbers and a normal one"
        require_between(distance_to_normal(numbers), 0.0, 0.03, what)
        share = weight.abs().unique().numel() / COUNT
        require_between(share, 0.9, 1.0, "the share of different numbers, without their signs")
        for axis, count, name in ((1, dim, "rows"), (0, num, "columns")):
            lengths = squares.mean(axis) / squares.mean()
            spread = float(lengths.std()) * (count / 2) ** 0.5
            what = f"the spread of the lengths of the {name}, relative to independent numbers"
            require_between(spread, 0.25, 2.5, what)
        drawn.append(numbers.flatten())

    what = "the largest number of two calls, divided by the standard deviation"
    require_between(float(torch.cat(drawn).abs().max()), 3.4, 9.0, what)
    same = float(((drawn[0] - drawn[1]).abs() < 1e-4).double().mean())
    require_between(same, 0.0, 0.01, "the share of numbers that two calls have in common")
    first, second = learner.run(drawn_again, *distinct_sizes(rng, 2, low=3), seed_from(rng))
    what = "whether a second call on the same layers leaves all numbers as they are"
    assert_equal(torch.equal(first, second), False, what)


def drawn_again(learner, num, dim, seed) -> tuple[torch.Tensor, torch.Tensor]:
    """Seeded PyTorch, and called init_tied twice on the same nn.Embedding and nn.Linear.

    Returns embedding.weight after each call.
    """
    torch.default_generator.manual_seed(seed)
    embedding, projection = nn.Embedding(num, dim), nn.Linear(dim, num)
    learner.init_tied(embedding, projection)
    first = embedding.weight.detach().clone()
    learner.init_tied(embedding, projection)
    return first, embedding.weight.detach()


def used(learner, weight_before, first, second, idx, hidden, output_gradient) -> tuple:
    """Built an nn.Embedding and an nn.Linear without a bias, and called init_tied on them.

    Then wrote first into projection.weight and called the embedding, wrote second into
    embedding.weight and called the projection, and sent a gradient back through both.
    Returns both results and the gradients of both weights.
    """
    num, dim = weight_before.shape
    # A known mistake that returns initial numbers must have the same ones.
    torch.default_generator.manual_seed(0)
    embedding = nn.Embedding(num, dim).to(weight_before.device)
    projection = nn.Linear(dim, num, bias=False).to(weight_before.device)
    learner.init_tied(embedding, projection)
    with torch.no_grad():
        projection.weight.copy_(first)
        rows = embedding(idx).clone()
        embedding.weight.copy_(second)
        scores = projection(hidden).clone()
    (projection(embedding(idx)) * output_gradient).sum().backward()
    return rows, scores, embedding.weight.grad, projection.weight.grad


def test_tied(learner, rng, device):
    """What is written into one layer is used by the other, and the gradients add up."""
    for count in (5, 9):
        num, dim = distinct_sizes(rng, 2)
        weight_before, first, second = (whole(rng, num, dim) for _ in range(3))
        idx = torch.randint(num, (count,), generator=rng)
        hidden, output_gradient = whole(rng, count, dim), whole(rng, count, num)
        sent = (weight_before, first, second, idx, hidden, output_gradient)
        found = learner.run(used, *(tensor.to(device) for tensor in sent))
        gradient = output_gradient.T @ second[idx]
        gradient = gradient.index_add(0, idx, output_gradient @ second)
        expected = {
            "what embedding returns after projection.weight changed": first[idx],
            "what projection returns after embedding.weight changed": hidden @ second.T,
            "the gradient of embedding.weight": gradient,
            "the gradient of projection.weight": gradient,
        }
        for (what, wanted), mine in zip(expected.items(), found, strict=True):
            assert_close(mine, wanted, what)


def owners(learner, num, dim) -> dict:
    """Built an nn.Embedding and an nn.Linear, and remembered both weights, the Parameters.

    Called init_tied(embedding, projection). Returns the layer that each weight was in before, and
    whether the projection's is one of its Parameters.
    """
    embedding, projection = nn.Embedding(num, dim), nn.Linear(dim, num)
    before = {"embedding": embedding.weight, "projection": projection.weight}
    learner.init_tied(embedding, projection)

    def owner(parameter):
        names = [name for name, other in before.items() if parameter is other]
        return names[0] if names else "neither layer"

    parameters = dict(projection.named_parameters())
    return {
        "embedding.weight": owner(embedding.weight),
        "projection.weight": owner(projection.weight),
        "projection trains its weight": parameters.get("weight") is projection.weight,
    }


def kept(learner, weight_before, new, idx, hidden, padding_idx, options) -> tuple:
    """Built an nn.Embedding and an nn.Linear, and remembered embedding.weight, the Parameter.

    Filled its gradient with 1, and called init_tied(embedding, projection, *options). Then wrote
    new into the remembered Parameter and called both layers, and sent a gradient back.
    Returns both results and the gradient of the remembered Parameter.
    """
    num, dim = weight_before.shape
    embedding = nn.Embedding(num, dim, padding_idx, dtype=weight_before.dtype)
    projection = nn.Linear(dim, num, dtype=weight_before.dtype)
    embedding.to(weight_before.device)
    projection.to(weight_before.device)
    parameter = embedding.weight
    parameter.grad = torch.ones_like(parameter)
    learner.init_tied(embedding, projection, *options)
    with torch.no_grad():
        parameter.copy_(new)
        if projection.bias is not None:
            projection.bias.zero_()
    rows, scores = embedding(idx), projection(hidden)
    (rows.sum() + scores.sum()).backward()
    return rows.detach(), scores.detach(), parameter.grad


def test_same_parameter(learner, rng, device):
    """A Parameter that an optimizer took from embedding is still the weight of both layers."""
    for dtype, padding, options in (
        (torch.float32, None, ()),
        (torch.float64, 0, (0.3,)),
    ):
        num, dim, count = distinct_sizes(rng, 3, low=3)
        # The answers only tell mistakes apart. What arrives below is what counts.
        found = learner.run(owners, num, dim)
        for weight in ("embedding.weight", "projection.weight"):
            what = f"the layer in which {weight} was before the call"
            assert_equal(found.get(weight), "embedding", what)
        is_trained = found.get("projection trains its weight")
        assert_equal(is_trained, True, "whether projection.weight is a Parameter of projection")

        weight_before, new = whole(rng, num, dim, dtype=dtype), whole(rng, num, dim, dtype=dtype)
        # An id that is neither 0 nor 1, so its row is no padding.
        idx = num - 1 - torch.randint(num - 2, (1,), generator=rng)
        hidden = whole(rng, count, dim, dtype=dtype)
        sent = [tensor.to(device) for tensor in (weight_before, new, idx, hidden)]
        rows, scores, gradient = learner.run(kept, *sent, padding, options)
        name = "after the Parameter that was in embedding changed"
        assert_close(rows, new[idx], f"what embedding returns {name}")
        assert_close(scores, hidden @ new.T, f"what projection returns {name}")
        expected = 1 + hidden.sum(0).expand(num, dim)
        expected[idx] += 1
        assert_close(gradient, expected, "the gradient of the Parameter that was in embedding")


def test_padding(learner, rng, device):
    """The row padding_idx is zero, wherever it is; a negative one counts from the end.

    The last row may be one of thousands. No normal number has the size of an earlier one, which is
    ten standard deviations or more.
    """
    small, dim = distinct_sizes(rng, 2, low=4)
    for num, padding in ((small, None), (small, 2), (small, 0), (2100, -1)):
        weight_before, bias = whole(rng, num, dim), whole(rng, num)
        weight_before[0] = math.inf
        sent = weight_before.to(device), bias.to(device), padding, (0.1,)
        found = learner.run(initialized, *sent, seed_from(rng))
        weight = found["embedding.weight"]
        assert_shape(weight, (num, dim), "embedding.weight")
        is_padding = torch.zeros(num, dtype=torch.bool)
        if padding is not None:
            is_padding[padding] = True
        is_zero = (weight == 0).all(1)
        assert_equal(is_zero, is_padding, f"whether each row is zero, for padding_idx={padding}")
        is_old = weight == weight_before
        what = "whether a number that init_tied got is still there"
        assert_equal(bool(is_old[~is_padding].any()), False, what)
        options = nn.Embedding(num, dim, padding).extra_repr()
        assert_equal(found["options of embedding"], options, "the options of embedding")


def bias_after(learner, weight_before, bias, new, options) -> tuple:
    """Built layers with a bias, remembered it, wrote numbers into it, and called init_tied.

    Returns projection.bias and what the projection returns for zeros, before and after writing new
    into the remembered bias.
    """
    num, dim = weight_before.shape
    embedding, projection = nn.Embedding(num, dim), nn.Linear(dim, num)
    embedding.to(weight_before.device)
    projection.to(weight_before.device)
    parameter = projection.bias
    with torch.no_grad():
        parameter.copy_(bias)
    learner.init_tied(embedding, projection, *options)
    zeros = torch.zeros(dim, device=weight_before.device)
    found = None if projection.bias is None else projection.bias.detach().clone()
    before = projection(zeros).detach()
    with torch.no_grad():
        parameter.copy_(new)
    return found, before, projection(zeros).detach(), parameter.requires_grad


def test_bias(learner, rng, device):
    """The bias is zero, and what is written into it later is used; no bias is added.

    Its first number may be nan before.
    """
    for options, first in (((), 3.0), ((0.4,), math.nan)):
        num, dim = distinct_sizes(rng, 2)
        weight_before, bias, new = whole(rng, num, dim), whole(rng, num), whole(rng, num)
        bias[0] = first
        sent = [tensor.to(device) for tensor in (weight_before, bias, new)]
        found, before, after, is_trained = learner.run(bias_after, *sent, options)
        assert_equal(found, torch.zeros(num), "projection.bias")
        assert_equal(before, torch.zeros(num), "what projection returns for zeros")
        what = "what projection returns for zeros after a change of the bias that it had"
        assert_equal(after, new, what)
        assert_equal(is_trained, True, "whether the bias requires a gradient")

    state = learner.run(initialized, sent[0], None, None, options, seed_from(rng))
    assert_equal(state["projection.bias"], None, "projection.bias of a layer without one")


def state_after(learner, weight_before, bias, padding_idx, options, is_training, is_tied) -> dict:
    """Built an nn.Embedding and an nn.Linear, and wrote other numbers into both.

    Tied them if is_tied, called train(is_training) on both layers, and
    init_tied(embedding, projection, *options). Returns what the layers hold now, which of it is
    what they held before, and whether the random states of Python and NumPy are what they were.
    """
    import random  # noqa: PLC0415 - a probe runs alone, without this module's imports
    import sys  # noqa: PLC0415

    # To import NumPy takes long. A submission that draws from it has done so.
    numpy_random = sys.modules.get("numpy.random")

    def random_states():
        # The third item is the place among the numbers that NumPy has ready.
        return random.getstate(), numpy_random and numpy_random.get_state()[2]

    num, dim = weight_before.shape
    device, dtype = weight_before.device, weight_before.dtype
    embedding = nn.Embedding(num, dim, padding_idx, device=device, dtype=dtype)
    projection = nn.Linear(dim, num, bias=bias is not None, device=device, dtype=dtype)
    with torch.no_grad():
        embedding.weight.copy_(weight_before)
        projection.weight.copy_(2 * weight_before)
        if bias is not None:
            projection.bias.copy_(bias)
    weight, bias = embedding.weight, projection.bias
    if is_tied:
        projection.weight = weight
    embedding.train(is_training)
    projection.train(is_training)
    states = random_states()
    learner.init_tied(embedding, projection, *options)
    return {
        "embedding.weight": embedding.weight.detach(),
        "projection.bias": None if projection.bias is None else projection.bias.detach(),
        "embedding.weight is the Parameter that it was": embedding.weight is weight,
        "projection.weight is that Parameter": projection.weight is weight,
        "projection.bias is what it was": projection.bias is bias,
        "embedding is in training mode": embedding.training,
        "projection is in training mode": projection.training,
        "Parameters of projection": [name for name, _ in projection.named_parameters()],
        "trained": [parameter.requires_grad for parameter in projection.parameters()],
        "random states of Python and NumPy are what they were": random_states() == states,
    }


def test_combinations(learner, rng, device):
    """Each two properties of the layers occur together; the layers stay in their mode.

    The layers may be tied already. float32 cannot hold the tiny std of a float64 layer, and the
    square of neither tiny std is above 0 in the dtype of the layer. Only PyTorch's random state may
    change.

    A normal number is above nine standard deviations with a probability of 2e-19.
    """
    for case in COMBINATIONS:
        num, dim = case["sizes"]
        padding = {None: None, "first": 0, "middle": num // 2, "last": -1}[case["padding"]]
        weight_before = whole(rng, num, dim, dtype=case["dtype"])
        weight_before[0, 0] = case["first"]
        bias = whole(rng, num, dtype=case["dtype"]) if case["has_bias"] else None
        sent = (weight_before.to(device), None if bias is None else bias.to(device))
        std = 0.02
        if case["is_std_tiny"]:
            std = 1e-200 if case["dtype"] is torch.float64 else 1e-30
        options = (std,) if case["is_std_tiny"] else ()
        given = (padding, options, case["is_training"], case["is_tied"])
        found = learner.run(state_after, *sent, *given)

        weight = found.pop("embedding.weight")
        assert_shape(weight, (num, dim), "embedding.weight")
        assert_equal(weight.dtype, case["dtype"], "the dtype of embedding.weight")
        is_padding = torch.zeros(num, dtype=torch.bool)
        if padding is not None:
            is_padding[padding] = True
        what = f"whether each row is zero, for padding_idx={padding}"
        assert_equal((weight == 0).all(1), is_padding, what)
        require_between(float(weight.abs().max()), 0.0, 9 * std, "the largest number")
        expected = {
            "projection.bias": None if bias is None else torch.zeros_like(bias),
            "embedding.weight is the Parameter that it was": True,
            "projection.weight is that Parameter": True,
            "projection.bias is what it was": True,
            "embedding is in training mode": case["is_training"],
            "projection is in training mode": case["is_training"],
            "Parameters of projection": ["weight"] if bias is None else ["weight", "bias"],
            "trained": [True] * (1 if bias is None else 2),
            "random states of Python and NumPy are what they were": True,
        }
        assert_equal(found, expected, "what the layers hold")


def first_scores(learner, weight_before, bias, idx, seed) -> tuple[torch.Tensor, bool, bool]:
    """Built an nn.Embedding and an nn.Linear, and wrote numbers into its bias.

    Then seeded PyTorch, called init_tied(embedding, projection) under torch.no_grad() while torch's
    default dtype was float64, and called both layers on idx. Returns the scores, and whether
    autograd was on and the default dtype was still float64 after init_tied.
    """
    num, dim = weight_before.shape
    embedding, projection = nn.Embedding(num, dim), nn.Linear(dim, num)
    embedding.to(weight_before.device)
    projection.to(weight_before.device)
    with torch.no_grad():
        projection.bias.copy_(bias)
    torch.default_generator.manual_seed(seed)
    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        learner.init_tied(embedding, projection)
        is_on = torch.is_grad_enabled()
    is_kept = torch.get_default_dtype() is torch.float64
    torch.set_default_dtype(torch.float32)
    return projection(embedding(idx)).detach(), is_on, is_kept


def test_start_loss(learner, rng, device):
    """The cross-entropy of the first scores is that of equal scores.

    A score of another id has a standard deviation of std**2 * sqrt(dim), at most 0.0064 here, and
    that of the id itself is about std**2 * dim, at most 0.1. So the loss is within 0.1 of ln(num)
    unless a score is 15 standard deviations away.
    """
    for num, dim in ((50, 128), (300, 250)):
        weight_before, bias = whole(rng, num, dim), whole(rng, num)
        idx, following = (torch.randperm(num, generator=rng)[:40] for _ in range(2))
        sent = [tensor.to(device) for tensor in (weight_before, bias, idx)]
        scores, is_on, is_kept = learner.run(first_scores, *sent, seed_from(rng))
        assert_shape(scores, (40, num), "the scores")
        assert_equal(scores.dtype, torch.float32, "the dtype of the scores")
        # Equal scores have this loss too. In a tied model, only two ids have the same score for
        # each other, so more than half of the scores differ.
        share = scores.unique().numel() / scores.numel()
        require_between(share, 0.5, 1.0, "the share of different scores")
        loss, start = float(F.cross_entropy(scores, following)), math.log(num)
        require_between(loss, start - 0.1, start + 0.1, f"the loss with {num} ids")
        assert_equal(is_on, False, "whether autograd is on after init_tied under torch.no_grad()")
        assert_equal(is_kept, True, "whether torch's default dtype of float64 stays")
