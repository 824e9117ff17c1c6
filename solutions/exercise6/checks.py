"""Hidden checks of exercise 6. Autograd through ``F.embedding`` gives the expected gradients."""

import math

import torch
from torch.nn import functional as F

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    noncontiguous,
    pairwise,
    reference_vjp,
)


def like_a_sum(grad):
    """Return the first number in each place, without copies: such is the gradient of a sum."""
    return grad.reshape(-1)[:1].sum().expand(grad.shape)


def like_a_batch_sum(grad):
    """Return the first part in each place of the first dimension, without copies."""
    return grad[:1].expand(grad.shape) if len(grad) else grad


COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        without=(
            # Such a tensor is always contiguous.
            {"shape": (), "arrange_ids": noncontiguous},
            # The sum of any rows is that of others here.
            {"size": (1, 1), "arrange_grad": like_a_batch_sum},
        ),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (1, 1), (300, 2)),
        padding=(None, 0, -1),
        arrange_grad=(torch.clone, noncontiguous, like_a_sum, like_a_batch_sum),
        id_dtype=(torch.int64, torch.int32),
        arrange_ids=(torch.clone, noncontiguous),
    )
)


def gradient_of(rng, *shape, dtype=torch.float32):
    """Return distinct random numbers."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Return ids below ``below`` in random order, repeated until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def whole(rng, largest, *shape):
    """Return whole numbers from ``-largest`` to ``largest``, without zero, in float64."""
    size = torch.randint(1, largest + 1, shape, generator=rng).double()
    sign = torch.randint(0, 2, shape, generator=rng) * 2 - 1
    return size * sign


def reference(grad_output, idx, num):
    """Return the gradient that autograd gives the weight of PyTorch's embedding, in float64."""
    weight = torch.zeros(num, grad_output.shape[-1], dtype=torch.float64, requires_grad=True)
    _, (gradient, _) = reference_vjp(
        lambda w, i: F.embedding(i, w), weight, idx, cotangent=grad_output.double()
    )
    return gradient.to(grad_output.dtype)


def check(learner, device, grad, idx, num, *padding):
    """Compare the learner's result with autograd's; ``padding`` is a padding id, if any."""
    expected = reference(grad, idx, num)
    for row in padding:
        expected[row] = 0
    result = learner.lookup_backward(grad.to(device), idx.to(device), num, *padding)
    assert_close(result, expected)


def test_rows(learner, rng, device):
    """Different ids in random order: each gradient goes to its own row, also if dim is 1."""
    for num, dim in ((6, 4), (3, 5), (5, 1)):
        idx = 1 + torch.randperm(num - 1, generator=rng)
        check(learner, device, gradient_of(rng, num - 1, dim), idx, num)

    # Every second number of the memory is an id, and the gradient is stored by columns.
    idx = 1 + torch.randperm(4, generator=rng).repeat_interleave(2)[::2]
    check(learner, device, gradient_of(rng, 3, 4).T, idx, 5)


def test_repeats(learner, rng, device):
    """Ids occur two and three times, apart and side by side.

    The last id is always one of them.
    """
    for num, dim, below, count in ((7, 3, 4, 10), (4, 5, 3, 8)):
        idx = num - 1 - ids(rng, below, count)
        # Sorted first, so that code that adds up only neighbors shows how it differs from others.
        for order in (idx.sort().values, idx):
            check(learner, device, gradient_of(rng, count, dim), order, num)

    # Many uses of two ids. Whole numbers give exact sums in any order.
    idx = 1 + 3 * torch.randint(2, (12_000,), generator=rng)
    check(learner, device, whole(rng, 9, 12_000, 1).float(), idx, 5)
    # The large gradients of one id leave no digits of the others in a common sum, not even in one
    # of float64.
    idx = 1 + ids(rng, 4, 12)
    grad = whole(rng, 9, 12, 3)
    grad[idx == 2] *= 2.0**100
    check(learner, device, grad.float(), idx, 5)
    # The sizes of the statement's example, with other numbers.
    check(learner, device, gradient_of(rng, 3, 2), 1 + 2 * ids(rng, 2, 3), 4)


def test_any_rank(learner, rng, device):
    """Repeats within a row, across rows, and both give the same result as a list of ids.

    No size of ``idx`` equals the size of the table. Ids without repeats give autograd's result.
    """
    within = torch.tensor([[3, 3, 1], [0, 2, 0]])
    across = torch.tensor([[3, 1, 0], [1, 3, 2]])
    for num, dim, idx in (
        (5, 4, within),
        (5, 4, across),
        (7, 5, ids(rng, 3, 2, 4)),
        (8, 5, ids(rng, 8, 2, 3, 4)),
    ):
        grad = gradient_of(rng, *idx.shape, dim).to(device)
        listed = learner.lookup_backward(grad.reshape(-1, dim), idx.flatten().to(device), num)
        # Last, because a learner is shown the last call.
        result = learner.lookup_backward(grad, idx.to(device), num)
        assert_close(result, listed, "the result, compared with that for a list of the ids")

    for dim, shape in (
        (4, (3, 3)),
        (1, (1, 3)),
        (2, (3, 1)),
        (3, (2, 1, 3, 2)),
        (2, (1, 2, 3, 1, 2)),
    ):
        count = math.prod(shape)
        idx = 1 + ids(rng, count, *shape)
        check(learner, device, gradient_of(rng, *shape, dim), idx, count + 1)
    # The dimensions are swapped in memory, so `view` cannot flatten these tensors.
    grad = gradient_of(rng, 3, 2, 5).transpose(0, 1)
    check(learner, device, grad, 1 + ids(rng, 6, 3, 2).T, 7)


def test_untouched_rows(learner, rng, device):
    """The first and the last ids do not occur; their rows are present and exactly zero."""
    for num, dim, count in ((9, 4, 5), (8, 5, 6)):
        idx, grad = 2 + ids(rng, 4, count), gradient_of(rng, count, dim)
        result = learner.lookup_backward(grad.to(device), idx.to(device), num)
        assert_shape(result, (num, dim))
        named = torch.isin(torch.arange(num), idx)
        assert_equal(
            result[~named],
            torch.zeros(int((~named).sum()), dim),
            "the rows of ids that do not occur",
        )


def check_padding(learner, device, grad, idx, num, padding):
    """Compare the results with and without ``padding``, passed by position and by name.

    They may differ only in that row, which must be zero.
    """
    grad, idx = grad.to(device), idx.to(device)
    without = learner.lookup_backward(grad, idx, num)
    assert_shape(without, (num, grad.shape[-1]), "the result without a padding_idx")
    expected = without.clone()
    expected[padding] = 0
    assert_close(learner.lookup_backward(grad, idx, num, padding), expected)
    assert_close(learner.lookup_backward(grad, idx, num, padding_idx=padding), expected)


def test_padding(learner, rng, device):
    """The padding id occurs, is the last id, or does not occur.

    With None, every row keeps its gradient.
    """
    num, dim = 6, 4
    # All uses of the padding id count, so one list ends with it a second time.
    twice = torch.cat([ids(rng, 6, 8), torch.tensor([3])])
    absent = torch.tensor([0, 2, 3, 5, 0])[torch.randperm(5, generator=rng)]
    for idx, padding in ((twice, 3), (ids(rng, 6, 7), 5), (absent, 1)):
        check_padding(learner, device, gradient_of(rng, len(idx), dim), idx, num, padding)

    # No id repeats here, so that a wrong sum costs no points. Python has one object for each int
    # up to 256 only, so above it `is` and `==` differ.
    for shape, first, padding in (((5,), 1, 2), ((5, 1), 297, 300), ((1, 5, 1, 1), 1, 5)):
        idx = first + ids(rng, 5, *shape)
        # The same place in another block of rows.
        other = padding - 256 if padding > 256 else padding + 256
        idx[idx == first] = other
        rows = max(other + 1, first + 5)
        check(learner, device, gradient_of(rng, *shape, dim), idx, rows, padding)
    grad, idx = gradient_of(rng, num, dim), torch.randperm(num, generator=rng)
    result = learner.lookup_backward(grad.to(device), idx.to(device), num, None)
    assert_close(result, reference(grad, idx, num), "the result if padding_idx is None")


def test_padding_zero(learner, rng, device):
    """Zero is an id like any other, and differs from None."""
    for num, dim, count in ((5, 3, 7), (4, 6, 9)):
        check_padding(learner, device, gradient_of(rng, count, dim), ids(rng, num, count), num, 0)
    # No pair of ids swaps places here, so writing and reading at the ids always differ.
    idx = torch.arange(5).roll(int(torch.randint(1, 5, (), generator=rng)))
    check(learner, device, gradient_of(rng, 5, 3), idx, 5, 0)


def test_single_and_empty(learner, rng, device):
    """A 0-d id gives one row, with and without a padding_idx, and a table may have one row.

    An empty idx gives a table of zeros.
    """
    num, dim = 6, 4
    idx = 1 + ids(rng, 4, 1)[0]
    check(learner, device, gradient_of(rng, dim), idx, num)
    check(learner, device, gradient_of(rng, dim), idx, num, 5)
    check(learner, device, gradient_of(rng, 1), idx, num)
    check(learner, device, gradient_of(rng, 1, 3), torch.tensor([0]), 1)
    for shape, padding in (((3, 0), (2,)), ((0, 2), ())):
        grad, idx = torch.empty(*shape, dim), torch.empty(shape, dtype=torch.int64)
        result = learner.lookup_backward(grad.to(device), idx.to(device), num, *padding)
        assert_equal(result, torch.zeros(num, dim))


# Whole numbers up to this size have sums that the dtype holds exactly, in any order.
EXACT = {torch.float64: 2**40, torch.float32: 2**20, torch.float16: 2**7, torch.bfloat16: 2**4}
# Powers of two that the next smaller dtype cannot hold.
SCALES = {
    torch.float64: (2.0**-300, 2.0**300),
    torch.float32: (2.0**-60, 2.0**60),
    torch.float16: (2.0**-10, 2.0**5),
    torch.bfloat16: (2.0**-60, 2.0**60),
}


def test_dtype(learner, rng, device):
    """The result keeps each float dtype and its precision, for large and for tiny numbers.

    A detour through a smaller dtype loses digits or ends at infinity. The 16-bit dtypes
    cannot count the ids of a large table, so ids must not pass through them. An infinite
    gradient is a number of each dtype; this table has no other row.
    """
    for dtype, largest in EXACT.items():
        scale = torch.tensor(SCALES[dtype], dtype=torch.float64).repeat(3)
        grad = (whole(rng, largest, 6, 3) * scale.unsqueeze(1)).to(dtype)
        idx = 2 + torch.randperm(6, generator=rng)
        check(learner, device, grad, idx, 8)

    # Tiny gradients alone, whose squares are zero. The comparison would take them for zero, too, so
    # their size is taken out.
    grad, size = whole(rng, 9, 6, 3).float(), 2.0**-100
    idx = 2 + torch.randperm(6, generator=rng)
    result = learner.lookup_backward((size * grad).to(device), idx.to(device), 8)
    assert_close(result / size, reference(grad, idx, 8), "the result, divided by 2**-100")

    grad = whole(rng, 9, 2, 3).half()
    grad[0, :2] = torch.tensor([math.inf, -math.inf])
    check(learner, device, grad, torch.tensor([0, 0]), 1)
    for dtype, num in ((torch.float16, 4200), (torch.bfloat16, 300)):
        idx = num - 1 - torch.randperm(40, generator=rng)
        check(learner, device, whole(rng, 15, 40, 2).to(dtype), idx, num)


def row_of(learner, grad_output, idx) -> torch.Tensor:
    """Called lookup_backward(grad_output, idx, idx + 2), and read row idx of the result."""
    return learner.lookup_backward(grad_output, idx, int(idx) + 2)[idx]


def multiplies_int32(learner, grad_output, idx) -> bool:
    """Called lookup_backward(grad_output, idx, 9) with int32 ids.

    Returns whether the code has multiplied int32 tensors by numbers or by each other.
    """
    products = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, operation, types, operands=(), keywords=None):
            result = operation(*operands, **(keywords or {}))
            if "mul" in getattr(operation, "__name__", "") and isinstance(result, torch.Tensor):
                products.append(result.dtype)
            return result

    with Watch():
        learner.lookup_backward(grad_output, idx, 9)
    return torch.int32 in products


def two_rows_of(learner, grad_output, idx) -> torch.Tensor:
    """Called lookup_backward(grad_output, idx, num), and read the first and the last row.

    num is the largest id plus 1.
    """
    num = int(idx.max()) + 1
    return learner.lookup_backward(grad_output, idx, num)[[0, num - 1]]


def test_id_types(learner, rng, device):
    """int32 ids and int64 ids both work: PyTorch's embedding accepts both.

    The large table has ids that no 8-bit number holds.
    """
    for dtype in (torch.int64, torch.int32):
        idx = 2 + torch.randperm(7, generator=rng).to(dtype)
        check(learner, device, gradient_of(rng, 7, 3), idx, 9)
        idx = 400 - torch.randperm(50, generator=rng).to(dtype)
        check(learner, device, gradient_of(rng, 50, 2), idx, 401)
    # Only code that converts ids gets a large table: other correct code may need seconds for it.
    grad, idx = gradient_of(rng, 7, 3), 2 + torch.randperm(7, generator=rng)
    converted = learner.id_dtypes("lookup_backward", grad.to(device), idx.to(device), 9)
    if torch.int16 in converted:
        idx = torch.tensor([2**15 + 1])
        check(learner, device, gradient_of(rng, 1, 1), idx, 2**15 + 3)
    if torch.float32 in converted:
        grad, last = gradient_of(rng, 1, 1), 2**24 + 1
        found = learner.run(row_of, grad.to(device), torch.tensor([last], device=device))
        assert_close(found, grad, f"the row of id {last}, which float32 rounds")
    sent = [gradient_of(rng, 7, 3).to(device), idx.int().to(device)]
    if learner.run(multiplies_int32, *sent):
        # The product of an id and the number of ids has more than 32 bits.
        idx = 2**20 * torch.arange(4096, dtype=torch.int32).remainder(2)
        grad = whole(rng, 9, 4096, 1).float()
        found = learner.run(two_rows_of, grad.to(device), idx.to(device))
        wanted = torch.stack([grad[::2].sum(0), grad[1::2].sum(0)])
        assert_close(found, wanted, "the rows of int32 ids 0 and 2**20, which occur 2,048 times")


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with repeats of three ids."""
    for case in COMBINATIONS:
        num, dim = case["size"]
        few = torch.tensor([0, num // 2, num - 1], dtype=case["id_dtype"])
        # Of six ids, each is there twice.
        places = torch.randperm(math.prod(case["shape"]), generator=rng)
        places += torch.randint(3, (), generator=rng)
        idx = few[places.reshape(case["shape"]) % 3]
        grad = whole(rng, 9, *idx.shape, dim)
        if case["dtype"] is torch.float64:
            # float32 does not hold such numbers.
            grad *= 1 + 2**-30
        grad = case["arrange_grad"](grad.to(case["dtype"]))
        idx = case["arrange_ids"](idx)
        # A number below 0 counts from the end of the table, here only.
        padding = [] if case["padding"] is None else [case["padding"] % num]
        expected = torch.zeros(num, dim, dtype=grad.dtype)
        expected.index_add_(0, idx.reshape(-1), grad.reshape(-1, dim))
        expected[padding] = 0
        result = learner.lookup_backward(grad.to(device), idx.to(device), num, *padding)
        assert_equal(result, expected)


def look_afterwards(
    learner, grad_output, idx, num, padding_idx
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
    """Called lookup_backward(grad_output, idx, num, padding_idx), and subtracted 1 from its result.

    The call ran after torch.set_deterministic_debug_mode("warn"). Returns the result before the
    subtraction, the two inputs after it, and torch.get_deterministic_debug_mode() after the call.
    """
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("warn")
    result = learner.lookup_backward(grad_output, idx, num, padding_idx)
    after = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode(before)
    copy = result.clone()
    result.detach().sub_(1)
    return copy, grad_output, idx, after


def test_inputs_untouched(learner, rng, device):
    """The inputs are the same after the call, and the result shares no memory with them.

    Includes each id once and in order, where the gradient itself has the numbers of the table, and
    no ids, where one zero could stand for all. A setting of the caller stays, too.
    """
    for num, padding, idx in (
        (7, None, torch.arange(7)),
        (7, 2, ids(rng, 7, 9)),
        (7, 2, torch.arange(7)),
        (7, None, torch.arange(0)),
        (1, None, torch.arange(1)),
    ):
        grad = gradient_of(rng, len(idx), 5)
        result, grad_after, idx_after, mode = learner.run(
            look_afterwards, grad.to(device), idx.to(device), num, padding
        )
        assert_shape(result, (num, 5))
        assert_equal(grad_after, grad, "grad_output after the call and a change of the result")
        assert_equal(idx_after, idx, "idx after the call")
        assert_equal(mode, 1, "torch.get_deterministic_debug_mode() after the call")
