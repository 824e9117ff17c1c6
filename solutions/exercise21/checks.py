"""Hidden checks of exercise 21. The oracle moves the table id by id, in float64."""

import math
from typing import Any

import torch
from torch import nn

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
)

MOST = 2**27
"""A table never has more numbers, whatever the memory."""

COMBINATIONS = tuple(
    pairwise(
        # A rate of 0 moves nothing, so it hides mistakes too.
        empty={"shape": (2, 0), "lr": 0.0},
        shape=((5,), (), (2, 0), (2, 1, 3)),
        # These are num and dim.
        size=((6, 3), (1, 1), (300, 1)),
        lr=(1.5, 0.0),
        dtype=(torch.float32, torch.float64),
        id_dtype=(torch.int64, torch.int32),
        arrange_weight=(torch.clone, noncontiguous),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_gradient=(torch.clone, noncontiguous),
        is_parameter=(True, False),
    )
)


def table(rng, *shape, dtype=torch.float32):
    """Random numbers, all different."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def whole(rng, largest, *shape):
    """Whole numbers from ``-largest`` to ``largest``, without zero. Their sums are exact."""
    size = torch.randint(1, largest + 1, shape, generator=rng).float()
    sign = torch.randint(0, 2, shape, generator=rng) * 2 - 1
    return size * sign


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def rate(rng):
    """A learning rate between 1 and 2: large enough that every step is visible."""
    return 1.0 + float(torch.rand((), generator=rng))


def stepped(weight, idx, grad_output, lr):
    """The table after the step, computed in float64, id by id."""
    after = weight.double().clone()
    rows = grad_output.double().reshape(-1, weight.shape[1])
    for number, row in zip(idx.flatten().tolist(), rows, strict=True):
        after[number] -= lr * row
    return after.to(weight.dtype)


def call(learner, weight, idx, grad_output, lr) -> torch.Tensor:
    """Called sparse_step(weight, idx, grad_output, lr) and read weight afterwards."""
    learner.sparse_step(weight, idx, grad_output, lr)
    return weight.detach()


def call_parameter(learner, weight, idx, grad_output, lr) -> tuple[torch.Tensor, bool]:
    """Made weight a Parameter and called sparse_step(weight, idx, grad_output, lr).

    Returns the Parameter afterwards, and whether it requires a gradient.
    """
    parameter = nn.Parameter(weight)
    learner.sparse_step(parameter, idx, grad_output, lr)
    return parameter.detach(), parameter.requires_grad


def moved(learner, device, weight, idx, grad_output, lr):
    """The table after the learner's step."""
    sent = weight.to(device), idx.to(device), grad_output.to(device)
    return learner.run(call, *sent, lr)


def check(learner, device, weight, idx, grad_output, lr):
    """Compare the table after the learner's step with the oracle's."""
    found = moved(learner, device, weight, idx, grad_output, lr)
    assert_close(found, stepped(weight, idx, grad_output, lr), "weight after the step")


def train(learner, weight, batches, lr) -> torch.Tensor:
    """Called sparse_step with the ids and gradients of each batch, and read weight afterwards."""
    for idx, grad_output in batches:
        learner.sparse_step(weight, idx, grad_output, lr)
    return weight.detach()


def test_step(learner, rng, device):
    """No id repeats. All rows, few rows, one row, one column, many rows, a square table.

    The rates are large, small and zero. In float64, a detour through float32 loses the step.
    Several steps follow each other, and none depends on the one before.
    """
    rows, columns = distinct_sizes(rng, 2)
    for num, dim, count, lr in (
        (rows, columns, rows, rate(rng)),
        (300, 33, 280, 0.1),
        (1, 3, 1, rate(rng)),
        (6, 1, 4, 20.0),
        (5, 5, 3, rate(rng)),
        (4, 3, 3, 0.0),
        # The sizes of the statement's example.
        (3, 1, 2, 0.1),
    ):
        weight, idx, grad = table(rng, num, dim), ids(rng, num, count), table(rng, count, dim)
        check(learner, device, weight, idx, grad, lr)

    # The numbers are so large that float32 has few digits left for the moves.
    double = torch.float64
    weight, grad = 1e3 + table(rng, 7, 3, dtype=double), table(rng, 5, 3, dtype=double)
    # float32 does not hold this rate either.
    idx, lr = ids(rng, 7, 5), rate(rng) / math.pi
    found = moved(learner, device, weight, idx, grad, lr)
    assert_shape(found, (7, 3), "weight after the step")
    assert_equal(found.dtype, double, "the dtype of weight after the step")
    expected = stepped(weight, idx, grad, lr)
    assert_close(found - weight, expected - weight, "the move of weight")
    is_exact = bool((found - expected).abs().max() < 1e-11)
    assert_equal(is_exact, True, "whether the move of a float64 weight is right to eleven digits")

    weight, lr = table(rng, 6, 4), rate(rng)
    batches = [(ids(rng, 6, 5), table(rng, 5, 4)) for _ in range(3)]
    sent = [(idx.to(device), grad.to(device)) for idx, grad in batches]
    found = learner.run(train, weight.to(device), sent, lr)
    for idx, grad in batches:
        weight = stepped(weight, idx, grad, lr)
    assert_close(found, weight, "weight after three steps")


def test_repeats(learner, rng, device):
    """A repeated id moves its row by the sum of the moves of its uses.

    The table has as many rows as there are ids. So the learner's own code can give each use its
    own row, and the moves of these rows are added up. One row moves so far that the moves of the
    others would be lost in a sum with its own. Thousands of moves are whole numbers and begin at 0,
    so nothing is rounded.
    """
    for num, dim, below in ((10, 3, 4), (12_007, 1, 3)):
        order = ids(rng, below, num)
        weight, grad, lr = table(rng, num, dim), table(rng, num, dim), rate(rng)
        # Of one sign, so that no digits of the large ones cancel.
        grad[order == 0] = 2.0**99 * (1 + grad[order == 0].abs())
        if num > 1000:
            weight, grad, lr = torch.zeros(num, dim), whole(rng, 9, num, dim), 1.0
        own_rows = weight[order]
        apart = moved(learner, device, own_rows, torch.arange(num), grad, lr)
        assert_shape(apart, (num, dim), "weight after the step")
        assert_equal(bool((apart == own_rows).any()), False, "whether some number did not move")
        moves = torch.zeros(num, dim, dtype=torch.float64).index_add(
            0, order, apart.double() - own_rows
        )
        found = moved(learner, device, weight, order, grad, lr)
        what = "weight after the step, compared with the sum of the moves of each use"
        assert_close(found, (weight + moves).float(), what)


def test_other_rows(learner, rng, device):
    """Rows without an id, the first and last ones included, stay exactly the same.

    Infinity in them changes nothing. An infinite gradient moves its own number, and nothing else,
    for the smallest id and for the largest.
    """
    for num, dim, count, largest in ((9, 4, 3, 1.0), (8, 3, 4, math.inf)):
        weight, idx, grad = table(rng, num, dim), 2 + ids(rng, 4, count), table(rng, count, dim)
        weight[-1, 0] *= largest
        grad[idx.argmin(), 1] *= largest
        grad[idx.argmax(), 2] *= largest
        lr = rate(rng)
        found = moved(learner, device, weight, idx, grad, lr)
        assert_shape(found, (num, dim), "weight after the step")
        other = ~torch.isin(torch.arange(num), idx)
        assert_equal(found[other], weight[other], "the rows without an id")
        # Another check judges the numbers in the rows of the ids.
        finite = stepped(weight, idx, grad, lr).isfinite()
        assert_equal(found.isfinite(), finite, "the places where weight is finite after the step")


def look_at_base(learner, base, idx, grad_output, lr) -> tuple[Any, torch.Tensor]:
    """Took every second column of base, from column 1 on, as weight, and called sparse_step.

    Returns its result, and base afterwards.
    """
    result = learner.sparse_step(base[:, 1::2], idx, grad_output, lr)
    return result, base


def look_at_reference(learner, weight, idx, grad_output, lr) -> tuple[Any, torch.Tensor]:
    """Made another reference to the numbers of weight, and called sparse_step.

    Returns its result, and the numbers of the other reference afterwards.
    """
    other = weight.detach()
    result = learner.sparse_step(weight, idx, grad_output, lr)
    return result, other


def test_in_place(learner, rng, device):
    """Other references to the table see the new numbers; no id repeats.

    The table may be a part of a larger one, whose other columns stay.
    """
    num, dim = distinct_sizes(rng, 2)
    weight, idx, grad = table(rng, num, dim), ids(rng, num, num), table(rng, num, dim)
    lr = rate(rng)
    sent = weight.to(device), idx.to(device), grad.to(device)
    result, found = learner.run(look_at_reference, *sent, lr)
    assert_close(found, stepped(weight, idx, grad, lr), "another reference to weight")
    assert_equal(result, None)

    base = table(rng, num, 2 * dim + 1)
    expected = base.clone()
    expected[:, 1::2] = stepped(base[:, 1::2], idx, grad, lr)
    sent = base.to(device), idx.to(device), grad.to(device)
    result, found = learner.run(look_at_base, *sent, lr)
    assert_close(found, expected, "the table of which weight is a part")
    assert_equal(result, None)


def with_parameter(
    learner, weight, grad, idx, grad_output, lr, output_gradient
) -> tuple[torch.Tensor, Any, Any, dict]:
    """Made weight a Parameter with the gradient grad, and called sparse_step.

    Then sent output_gradient back through a lookup of idx. Returns the Parameter and its gradient
    before that, its gradient afterwards, and facts about the Parameter.
    """
    parameter = nn.Parameter(weight)
    parameter.grad = grad
    learner.sparse_step(parameter, idx, grad_output, lr)
    kept = parameter.grad
    if kept is not None:
        kept = kept.clone()
    facts = {"is_leaf": parameter.is_leaf, "requires_grad": parameter.requires_grad}
    with torch.enable_grad():
        (parameter[idx] * output_gradient).sum().backward()
    return parameter.detach(), kept, parameter.grad, facts


def test_parameter(learner, rng, device):
    """A Parameter moves like a tensor, keeps its gradient, and can be trained on."""
    num, dim = distinct_sizes(rng, 2)
    for count in (num, 1):
        weight, idx = table(rng, num, dim), ids(rng, num, count)
        grad, grad_output, output_gradient = table(rng, num, dim), *table(rng, 2, count, dim)
        lr = rate(rng)
        sent = [tensor.to(device) for tensor in (weight, grad, idx, grad_output)]
        found, kept, after, facts = learner.run(
            with_parameter, *sent, lr, output_gradient.to(device)
        )
        assert_close(found, stepped(weight, idx, grad_output, lr), "the Parameter after the step")
        assert_equal(facts, {"is_leaf": True, "requires_grad": True}, "the Parameter")
        assert_equal(kept, grad, "weight.grad after the step")
        expected = grad.index_add(0, idx, output_gradient)
        assert_close(after, expected, "weight.grad after a lookup and backward")


def steps_in_memory(
    learner, most, dim, gap, places, others, grad_output, lr
) -> tuple[torch.Tensor, torch.Tensor]:
    """Made a table of zeros with dim columns, so large that little memory is left for more.

    It has at most `most` numbers, and `gap` more between its rows. The numbers in places are ids
    near its start and, counted back, near its end. Called sparse_step twice with these ids.
    Returns their rows, and those of others.
    """
    # Memory that nobody writes to costs only addresses, so trying sizes is cheap. The first try is
    # too large in any case: after a failure, the allocator takes addresses for itself. Large steps
    # give the same size each time.
    numbers, more = 0, 64 * most
    while more >= 2**23:
        try:
            torch.empty(numbers + more)
            numbers = min(numbers + more, most)
        except (RuntimeError, MemoryError):
            pass
        more = min(more // 2, most // 2)
    width = dim + gap
    weight = torch.empty(numbers * 87 // 100 // width, width)[:, :dim]
    half = len(places) // 2
    idx = torch.cat([places[:half], len(weight) - 1 - places[half:]])
    weight[idx] = 0.0
    weight[others] = 0.0
    for _ in range(2):
        learner.sparse_step(weight, idx, grad_output.clone(), lr)
    return weight[idx], weight[others]


def test_no_whole_table(learner, rng):
    """The table fills most of the memory. No id repeats.

    The narrow table leaves less than one byte for each of its rows, and the other one has gaps.
    The numbers are compared with those in a small table, which another check judges. This check
    always runs on the CPU, because the limit applies to the memory of the process.
    """
    for dim, gap in ((1, 0), (32, 1)):
        places = torch.randint(1, 2**16, (700,), generator=rng).unique()
        places = places[torch.randperm(len(places), generator=rng)]
        others, places = places[:100], places[100:]
        # The first and the last row.
        places[0] = places[-1] = 0
        grad = whole(rng, 9, len(places), dim)
        found, same = learner.run(steps_in_memory, MOST, dim, gap, places, others, grad, 0.5)
        small, order = torch.zeros(len(places), dim), torch.arange(len(places))
        for _ in range(2):
            small = moved(learner, "cpu", small, order, grad, 0.5)
        what = "the rows of the ids after two steps, compared with those in a small table"
        assert_equal(found, small, what)
        assert_equal(bool((small == 0).any()), False, "whether some number did not move")
        assert_equal(same, torch.zeros(100, dim), "other rows")


def rows_of_zeros(learner, idx, grad_output, lr) -> torch.Tensor:
    """Called sparse_step for a table with 2**21 rows, of which those of idx were zeros.

    Returns these rows.
    """
    # Memory that nobody writes to takes no time.
    weight = torch.empty(2**21, 1, device=idx.device)
    weight[idx] = 0.0
    learner.sparse_step(weight, idx, grad_output, lr)
    return weight[idx]


def test_any_shape(learner, rng, device):
    """Ids in any shape and in both dtypes move the rows as a list of these ids does.

    Without any id, nothing moves. The gradient of a sum is expanded.
    """
    for num, dim, below, shape, dtype in (
        (7, 3, 3, (3, 4), torch.int64),
        (300, 4, 300, (5, 2, 1, 2, 3), torch.int32),
        (5, 4, 5, (), torch.int64),
        (4, 3, 4, (2, 0, 3), torch.int64),
    ):
        weight, idx, lr = table(rng, num, dim), ids(rng, below, *shape), rate(rng)
        grad = table(rng, *shape, dim)
        listed = moved(learner, device, weight, idx.reshape(-1), grad.reshape(-1, dim), lr)
        arranged = noncontiguous(weight), noncontiguous(idx.to(dtype)), noncontiguous(grad)
        found = moved(learner, device, *arranged, lr)
        assert_close(found, listed, "weight after the step, compared with that for a list of ids")

    weight, none = table(rng, 5, 3), torch.empty(0, 2, dtype=torch.int64)
    sent = weight.to(device), none.to(device), torch.empty(0, 2, 3, device=device)
    found, is_trained = learner.run(call_parameter, *sent, 1.5)
    assert_equal(found, weight, "a Parameter after a step without ids")
    assert_equal(is_trained, True, "whether this Parameter requires a gradient")

    # Products of these ids and their number overflow int32.
    many, grad = (2**21 - 1 - ids(rng, 1100, 2, 550)).int(), whole(rng, 9, 2, 550, 1)
    found = learner.run(rows_of_zeros, many.to(device), grad.to(device), 0.5)
    assert_equal(found, -0.5 * grad, "the rows of the ids after a step with lr = 0.5")

    weight, idx, one = table(rng, 6, 4), ids(rng, 5, 2, 3), table(rng, 1)
    listed = moved(learner, device, weight, idx.reshape(-1), one.repeat(6, 4), 1.5)
    found = moved(learner, device, weight, idx, one.expand(2, 3, 4), 1.5)
    assert_close(found, listed, "weight after the step, compared with that for a list of ids")


def look_at_weight(
    learner, weight, idx, grad_output, lr, is_parameter
) -> tuple[torch.Tensor, dict]:
    """Made weight a Parameter if is_parameter, and called sparse_step.

    Returns another reference to weight, and facts about weight.
    """
    if is_parameter:
        weight = nn.Parameter(weight)
    other = weight.detach()
    learner.sparse_step(weight, idx, grad_output, lr)
    facts = {"is_leaf": weight.is_leaf, "requires_grad": weight.requires_grad}
    return other, facts | {"grad": weight.grad}


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together.

    The ids are among the last three rows, so most of them repeat. All numbers are whole or halves,
    so the new ones are exact. Those of float64 gradients have a digit more than float32 can hold.
    """
    for case in COMBINATIONS:
        num, dim = case["size"]
        weight = whole(rng, 9, num, dim).to(case["dtype"])
        idx = num - 1 - torch.randint(min(num, 3), case["shape"], generator=rng)
        idx = idx.to(case["id_dtype"])
        grad_output = whole(rng, 9, *case["shape"], dim).to(case["dtype"])
        if case["dtype"] is torch.float64:
            grad_output *= 1 + 2.0**-30
        found, facts = learner.run(
            look_at_weight,
            case["arrange_weight"](weight).to(device),
            case["arrange_ids"](idx).to(device),
            case["arrange_gradient"](grad_output).to(device),
            case["lr"],
            case["is_parameter"],
        )
        assert_equal(found, stepped(weight, idx, grad_output, case["lr"]), "weight after the step")
        expected = {"is_leaf": True, "requires_grad": case["is_parameter"], "grad": None}
        assert_equal(facts, expected, "weight")


def look_afterwards(
    learner, weight, idx, grad_output, lr, autograd
) -> tuple[torch.Tensor, torch.Tensor, bool, bool]:
    """Switched autograd on or off, and called sparse_step(weight, idx, grad_output, lr).

    Returns idx and grad_output, whether torch's random numbers are in the same state as before, and
    whether autograd is on.
    """
    # Not the state that a seed gives: setting that seed again would not show.
    torch.rand(7)
    before = torch.default_generator.get_state()
    with torch.set_grad_enabled(autograd):
        learner.sparse_step(weight, idx, grad_output, lr)
        is_on = torch.is_grad_enabled()
    return idx, grad_output, torch.equal(before, torch.default_generator.get_state()), is_on


def test_untouched(learner, rng, device):
    """The ids and their gradients are the same after the call, for a tensor and for a Parameter.

    Random numbers are compared here, because the grader does not watch them in probes. Code that
    switches autograd on only changes something if it was off.
    """
    for parameter in (False, True):
        weight, idx, grad = table(rng, 6, 4), ids(rng, 3, 8), table(rng, 8, 4)
        sent = weight.to(device).requires_grad_(parameter), idx.to(device), grad.to(device)
        *after, is_same, is_on = learner.run(look_afterwards, *sent, rate(rng), parameter)
        assert_equal(is_on, parameter, "whether autograd is on after the call")
        for name, now, before in zip(("idx", "grad_output"), after, (idx, grad), strict=True):
            assert_equal(now, before, f"{name} after the call")
        assert_equal(is_same, True, "whether torch's random numbers go on as without the call")
