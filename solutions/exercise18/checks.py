"""Hidden checks of exercise 18.

The oracle sorts exact cosines, computed in float64 without PyTorch's own cosine. Apart from equal
rows, no two cosines of a row are closer than ``GAP``, so rounding cannot change the order.

Only ``not_itself`` and ``combinations`` judge whether an id is in its own result. The other checks
leave it out before they compare.
"""

import math

import torch

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
)

GAP = 1e-3
"""Thousands of times the rounding error of a cosine in float32."""

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (2, 0), "size": (1, 5, 0)},
        shape=((5,), (), (2, 0), (2, 1, 3)),
        # The last number is k.
        size=((7, 3, 2), (4, 1, 3), (300, 2, 1), (1, 5, 0)),
        special=("zeros", "equal", None),
        dtype=(torch.float32, torch.float64),
        id_dtype=(torch.int64, torch.int32),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_table=(torch.clone, noncontiguous),
        trained=(False, True),
    )
)


def cosines(weight, ids=None):
    """The cosine of each row of ``ids``, or of all, with each row; 0 for rows of zeros.

    In float64, in the shape ``(*ids.shape, len(weight))``.
    """
    rows = weight.detach().double()
    lengths = (rows * rows).sum(1).sqrt()
    units = rows / torch.where(lengths > 0, lengths, 1.0).unsqueeze(1)
    if ids is None:
        return units @ units.T
    return units[ids.long()] @ units.T


def smallest_gap(weight):
    """The smallest difference between two cosines of one row, without that with itself."""
    num = len(weight)
    others = cosines(weight)[~torch.eye(num, dtype=torch.bool)].reshape(num, num - 1)
    # Also from 0, the cosine with a row of zeros.
    return float(torch.cat([others, torch.zeros(num, 1)], 1).sort(1).values.diff().min())


def units(rng, num, dim):
    """Random rows of length 1, the first along an axis. The cosines of each row are all different.

    A few draws suffice: about two of three tables have no cosines that are too near.
    """
    while True:
        rows = torch.randn(num, dim, generator=rng)
        rows = rows / (rows * rows).sum(1, keepdim=True).sqrt()
        rows[0] = torch.eye(dim)[0]
        if smallest_gap(rows) > GAP:
            return rows


def scaled(rng, rows):
    """The same directions, with lengths from a thirtieth to thirty, which float32 rounds."""
    exponents = 2 * torch.rand(len(rows), 1, generator=rng, dtype=torch.float64) - 1
    return (rows * 30.0**exponents).to(rows.dtype)


def fan(rng, num, dtype, step, largest=0.9):
    """A table in which row 0 has ``num - 1`` cosines with a distance of ``step``, in random order.

    Two columns suffice for that.
    """
    values = largest - step * torch.randperm(num - 1, generator=rng).double()
    rows = torch.stack([values, (1 - values * values).sqrt()], 1)
    return torch.cat([torch.tensor([[1.0, 0.0]], dtype=torch.float64), rows]).to(dtype)


def reference(weight, ids, k):
    """The ids that a right solution returns, if no two cosines are equal."""
    found = cosines(weight, ids)
    found.scatter_(-1, ids.long().unsqueeze(-1), -math.inf)
    return found.sort(-1, descending=True).indices[..., :k]


def call(learner, device, weight, ids, k):
    """The learner's result: ids in the right shape. Only ``types`` judges their dtype."""
    result = learner.nearest(weight.to(device), ids.to(device), k)
    assert_shape(result, (*ids.shape, k))
    if result.dtype in (torch.int32, torch.int16, torch.uint8, torch.int8):
        return result.long()
    assert_equal(result.dtype, torch.int64, "the dtype of the result")
    return result


def compare(learner, device, weight, ids, k):
    """Compare the order of the ids for each id of a list, without the id itself."""
    compare_order(call(learner, device, weight, ids, k), weight, ids, k)


def compare_order(result, weight, ids, k):
    """Compare a result, in the right shape and dtype, as ``compare`` says."""
    expected = reference(weight, ids, k)
    if not (result == ids[:, None]).any():
        # The whole result can be repeated with a smaller table.
        assert_equal(result, expected)
        return
    found = result.tolist()
    for own, row, wanted in zip(ids.tolist(), found, expected.tolist(), strict=True):
        others = [number for number in row if number != own]
        # One place may be lost to the id itself, but not more.
        if len(others) < k - 1:
            others = row
        best = torch.tensor(wanted[: len(others)], dtype=torch.int64)
        name = f"the ids nearest to id {own}, without {own} itself"
        assert_equal(torch.tensor(others, dtype=torch.int64), best, name)


def test_order(learner, rng, device):
    """All rows have length 1. The ids come in random order, some of them twice."""
    for k in (3, 4):
        num, dim, count = distinct_sizes(rng, 3, 6, 9)
        weight = units(rng, num, dim)
        ids = torch.randperm(num, generator=rng).repeat(2)[:count]
        compare(learner, device, weight, ids, k)
    # Thousands of rows, all of which count, for an id near the end.
    weight = fan(rng, 2101, torch.float32, 1e-4).roll(2040, 0)
    compare(learner, device, weight, torch.tensor([2040]), 2100)
    # The sizes of the statement's example, with other numbers.
    compare(learner, device, units(rng, 4, 2), ids[:1] % 4, 2)


def test_cosine(learner, rng, device):
    """The rows have different lengths, so dot product and distance give another order.

    The longest row has the smallest cosine with the first id. Some rows are so short that a number
    that is added to their lengths shows.
    """
    for k in (5, 3):
        num, dim, count = distinct_sizes(rng, 3, 6, 9)
        weight = scaled(rng, units(rng, num, dim))
        weight[0] *= 40 / weight[0].norm()
        farthest = int(cosines(weight, torch.tensor(0)).argmin())
        ids = torch.cat([torch.tensor([farthest]), torch.randperm(num, generator=rng)])[:count]
        compare(learner, device, noncontiguous(weight), ids, k)
    far = 0.05 * scaled(rng, fan(rng, 270, torch.float32, 1e-4))
    # The nearest row is the shortest of all, and the next one is the longest.
    order = 1 + cosines(far, torch.tensor(0))[1:].argsort(descending=True)
    for row, length in zip(order.tolist(), (1.01e-6, 9e5), strict=False):
        far[row] *= length / far[row].norm()
    for k in (260, 3):
        compare(learner, device, far, torch.tensor([0]), k)


def test_not_itself(learner, rng, device):
    """Four rows are equal, most others in pairs; then each row has an opposite one.

    Every id is asked for, so it matters which one of the equal rows is left out. With all others
    wanted, an id must not come back at the end either, in place of the opposite row. Equal rows
    may come in any order, so this compares the cosines of the ids.
    """
    # For some of that many rows, every way of computing rounds the cosine 1 up, or down.
    rows = units(rng, 11, 5)
    equal = torch.cat([rows, rows[1:2].repeat(2, 1), rows[1:]])
    opposite = torch.cat([torch.eye(5), -torch.eye(5)])[torch.randperm(10, generator=rng)]
    for weight, k in ((equal, 2), (equal, len(equal) - 1), (opposite, 9)):
        ids = torch.randperm(len(weight), generator=rng)
        compare_cosines(call(learner, device, weight, ids, k), weight, ids)

    # Thousands of ids.
    ids = torch.randint(4, (12_007,), generator=rng)
    found = call(learner, device, rows[:4], ids, 2)
    has_own = bool((found == ids[:, None]).any())
    assert_equal(has_own, False, "whether an id is in its own result")
    assert_equal(found, reference(rows[:4], torch.arange(4), 2)[ids])


def compare_cosines(found, weight, ids):
    """No result has its own id or an id twice, and the cosines of its ids are the largest."""
    num, k = len(weight), found.shape[-1]
    own = ids.long().reshape(-1)
    rows = found.reshape(len(own), k)
    for number, row in zip(own.tolist(), rows.tolist(), strict=True):
        assert_equal(number in row, False, f"whether the result of id {number} has {number}")
        name = f"the number of different ids in the result of id {number}"
        assert_equal(len(set(row)), k, name)
        in_table = set(row) <= set(range(num))
        assert_equal(in_table, True, f"whether all ids in the result of id {number} exist")
    all_cosines = cosines(weight, own)
    others = all_cosines.scatter(1, own.unsqueeze(1), -math.inf)
    best = others.sort(1, descending=True).values[:, :k]
    # The last digit of two equal cosines can differ.
    assert_close(all_cosines.gather(1, rows), best, "the cosines of each id with its nearest ids")


def test_any_k(learner, rng, device):
    """Ask for all others, for none, and for one."""
    weight, ids = units(rng, 6, 4), torch.randperm(6, generator=rng)[:4]
    for k in (5, 0, 1):
        compare(learner, device, weight, ids, k)
    compare(learner, device, units(rng, 2, 3), torch.tensor([1, 0]), 1)


def test_zero_row(learner, rng, device):
    """A row of zeros comes after all positive and before all negative cosines.

    Its own result is any other ids, because all its cosines are equal.
    """
    for num in (7, 8):
        weight = units(rng, num, 5)
        place = int(torch.randint(num, (), generator=rng))
        weight[place] = 0
        ids = torch.randperm(num, generator=rng)
        compare(learner, device, weight, ids[ids != place], num - 1)
        few = call(learner, device, weight, torch.tensor([place]), num - 5)[0].tolist()
        assert_equal(place in few, False, f"whether the result of id {place} has {place}")
        row = call(learner, device, weight, torch.tensor([place]), num - 1)[0]
        others = torch.tensor([number for number in range(num) if number != place])
        assert_equal(row.sort().values, others, "the result of the id with a row of zeros, sorted")


def test_any_shape(learner, rng, device):
    """Ids in any shape give the same results as a flat list of the same ids.

    The columns of the table are not next to each other.
    """
    for shape in ((), (3, 1, 2), (0,)):
        # So many rows that a wrong order is hardly right by chance.
        num, (dim, k) = 9, distinct_sizes(rng, 2, 5, 8)
        weight = noncontiguous(units(rng, num, dim))
        ids = torch.randperm(num, generator=rng).repeat(2)[: math.prod(shape)].reshape(shape)
        ids = noncontiguous(ids)
        flat = call(learner, device, weight, ids.reshape(-1), k)
        found = call(learner, device, weight, ids, k)
        name = "the result, compared with that for a flat list of the ids"
        assert_equal(found, flat.reshape(*shape, k), name)


def test_types(learner, rng, device):
    """The result is int64 for both dtypes of ids and of the table, which may be trained.

    In float64, the cosines differ by 1e-9, which float32 cannot tell apart, and so do lengths to
    which a small number is added. The shortest row has exactly the smallest length. Most code for
    float32 has the right order for rows of length 1. A number that is added to each cosine, such as
    1e-12 times its id, shows in thousands of rows.
    """
    for dtype, id_type, num, step, largest in (
        (torch.float32, torch.int64, 9, 0.05, 0.9),
        # Cosines just below 1 belong to small angles.
        (torch.float32, torch.int32, 9, 0.05, 0.95),
        (torch.float64, torch.int64, 2101, 1e-9, 0.9),
        (torch.float64, torch.int32, 9, 1e-9, 1 - 1e-9),
    ):
        weight = fan(rng, num, dtype, step, largest)
        if dtype is torch.float64:
            exponents = 12 * torch.rand(num - 1, 1, generator=rng, dtype=dtype) - 6
            weight[1:] *= 10.0**exponents
            weight[0] *= 1e-6
        ids = torch.tensor([0], dtype=id_type)
        result = learner.nearest(weight.to(device).requires_grad_(), ids.to(device), num - 1)
        assert_shape(result, (1, num - 1))
        assert_equal(result.dtype, torch.int64, "the dtype of the result")
        compare_order(result, weight.detach(), ids, num - 1)


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together."""
    for case in COMBINATIONS:
        num, dim, k = case["size"]
        weight = torch.randn(num, dim, generator=rng, dtype=case["dtype"])
        if case["special"] == "zeros":
            weight[-1] = 0
        if case["special"] == "equal":
            weight[-1] = weight[0]
        weight = case["arrange_table"](weight)
        ids = torch.randint(num, case["shape"], generator=rng, dtype=case["id_dtype"])
        ids = case["arrange_ids"](ids)
        sent = weight.to(device).requires_grad_(case["trained"])
        result = learner.nearest(sent, ids.to(device), k)
        assert_shape(result, (*ids.shape, k))
        assert_equal(result.dtype, torch.int64, "the dtype of the result")
        compare_cosines(result, weight, ids)


def look_afterwards(learner, weight, ids, k) -> tuple[torch.Tensor, torch.Tensor]:
    """Called nearest(weight, ids, k), then read weight and ids.

    A weight that requires a gradient was a Parameter.
    """
    if weight.requires_grad:
        weight = torch.nn.Parameter(weight.detach())
    learner.nearest(weight, ids, k)
    return weight.detach(), ids


def test_untouched(learner, rng, device):
    """The table and the ids are the same after the call, with and without a gradient.

    The grader itself compares the arguments of every other call.
    """
    num, dim, k = distinct_sizes(rng, 3, 4, 8)
    weight, ids = scaled(rng, units(rng, num, dim)), torch.randperm(num, generator=rng)
    for trained in (False, True):
        sent = weight.to(device).requires_grad_(trained)
        after = learner.run(look_afterwards, sent, ids.to(device), min(k, num - 1))
        for name, now, then in zip(("weight", "ids"), after, (weight, ids), strict=True):
            assert_equal(now, then, f"{name} after the call")
