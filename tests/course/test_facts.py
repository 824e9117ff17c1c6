"""What the course says about PyTorch is true on the version of torch that is installed.

Each test demonstrates one fact. Its docstring says the fact in other words and names the places
that state it: `exercise1/detached` is the explanation `solutions/exercise1/wrong/detached.py`, and
`exercise1` alone is the statement, a hint or a quiz text.

If a test fails after an update of torch, correct the text as well as the test.
"""

import ast
import copy
import itertools
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 -- its usual name

from grader.course.location import default_root, exercise_ids

VERSION = tuple(int(number) for number in torch.__version__.split(".")[:2])
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INT32_IDS = torch.tensor([3, 0, 3], dtype=torch.int32)


def table_of(num: int, dim: int) -> torch.Tensor:
    """A table (num, dim) of the numbers 0, 1, 2, ..."""
    return torch.arange(float(num * dim)).reshape(num, dim)


def trained_table(num: int, dim: int) -> torch.Tensor:
    """The same table as a leaf that requires a gradient."""
    return table_of(num, dim).requires_grad_()


def share_memory(first: torch.Tensor, second: torch.Tensor) -> bool:
    return first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def moved_rows(before: torch.Tensor, after: torch.Tensor) -> list[int]:
    """The ids whose rows differ."""
    return (before != after).any(1).nonzero().flatten().tolist()


def refuses(exception, function, *arguments, **options) -> None:
    with pytest.raises(exception):
        function(*arguments, **options)


# Exercise 1: a lookup


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (3, 0)])
@pytest.mark.parametrize("id_type", [torch.int32, torch.int64])
def test_indexing_selects_rows(shape, id_type):
    """exercise1, exercise1/flattened, exercise5/shape_flattened, exercise10/shape_flattened.

    An index of any shape selects rows, and its shape stays. int32 and int64 work.
    """
    idx = torch.ones(shape, dtype=id_type)
    weight = table_of(4, 2)
    assert weight[idx].shape == (*shape, 2)
    assert torch.equal(weight[idx], F.embedding(idx, weight))


@pytest.mark.parametrize(
    "function",
    [
        lambda: F.one_hot(INT32_IDS, 4),
        lambda: torch.take(table_of(4, 2), INT32_IDS),
        lambda: torch.take_along_dim(table_of(4, 2), INT32_IDS[:, None], 0),
    ],
    ids=["one_hot", "take", "take_along_dim"],
)
def test_functions_that_accept_only_int64(function):
    """exercise1/only_int64, exercise5/only_int64, exercise6/only_int64: int32 ids are refused."""
    refuses(RuntimeError, function)


def test_gather_accepts_int32_since_2_8():
    """exercise1/only_int64: since PyTorch 2.8, gather accepts an int32 index."""
    columns = INT32_IDS[:, None].repeat(1, 2)
    if VERSION < (2, 8):
        refuses(RuntimeError, table_of(4, 2).gather, 0, columns)
    else:
        assert torch.equal(table_of(4, 2).gather(0, columns), table_of(4, 2)[INT32_IDS])


@pytest.mark.skipif(not (2, 10) <= VERSION <= (2, 15), reason="stated for PyTorch 2.10 to 2.15")
def test_traps_of_gather_and_take_along_dim():
    """exercise1, exercise1/only_int64, exercise1/unnoticed_id: two traps of 2.10 to 2.15.

    On the CPU, gather returns wrong rows for an expanded int32 index, and take_along_dim with a
    dimension wraps an id that is too large.
    """
    weight = table_of(4, 3)
    expanded = INT32_IDS[:, None].expand(-1, 3)
    assert not torch.equal(weight.gather(0, expanded), weight[INT32_IDS])
    assert torch.equal(weight.gather(0, expanded.long()), weight[INT32_IDS])
    too_large = torch.full((1, 3), 5)
    assert torch.equal(torch.take_along_dim(weight, too_large, 0), weight[1:2])


def test_what_shares_and_what_copies():
    """exercise1/detached, exercise4/bias_without_gradient, exercise10/detached: without a graph.

    `.data` and `.detach()` share memory; `.tolist()`, `.item()` and `torch.tensor(...)` copy
    (exercise11/detached).
    """
    weight = trained_table(3, 2)
    copied = torch.tensor(weight.tolist())
    for shared in (weight.data, weight.detach()):
        assert share_memory(shared, weight)
        assert shared.grad_fn is None and not shared.requires_grad
    weight.data[0] = 9.0
    assert copied[0, 0] == 0.0


def test_requiring_a_gradient_starts_another_graph():
    """exercise1/detached, exercise5/detached: a new tensor or Parameter starts its own graph."""
    weight = trained_table(3, 2)
    for other in (weight.detach().requires_grad_(), nn.Parameter(weight)):
        other[torch.tensor([1])].sum().backward()
        assert other.grad is not None
    assert weight.grad is None


def test_an_id_that_is_too_large_is_refused():
    """exercise1, exercise5, exercise7: indexing, the embedding and one_hot refuse an id of num."""
    idx = torch.tensor([3])
    refuses(IndexError, lambda: table_of(3, 2)[idx])
    refuses(IndexError, F.embedding, idx, table_of(3, 2))
    refuses(RuntimeError, F.one_hot, idx, 3)


def test_one_hot_rows_by_comparison_hide_a_bad_id():
    """exercise1/unnoticed_id, exercise5/unnoticed_id: such an id equals no row number: zeros."""
    one_hot = torch.tensor([3]).unsqueeze(-1) == torch.arange(3)
    assert not one_hot.any()
    refuses(RuntimeError, torch.empty(0).max)  # an empty idx has no maximum


def test_negative_index_is_the_last_row():
    """exercise1/one_based, exercise10/one_based, exercise9: -1 is the last row in brackets only."""
    weight = table_of(3, 2)
    assert torch.equal(weight[torch.tensor([-1])], weight[2:])
    refuses(IndexError, F.embedding, torch.tensor([-1]), weight)


def test_repeated_rows_get_the_sum():
    """exercise1, exercise6/first_one_wins, exercise6/gathered_again, exercise8/repeats_averaged.

    A row that is looked up three times gets the sum of three gradients, any other row zeros.
    """
    weight = trained_table(4, 2)
    weight[torch.tensor([1, 3, 1, 1])].sum().backward()
    assert weight.grad.tolist() == [[0, 0], [3, 3], [0, 0], [1, 1]]


@pytest.mark.parametrize("shape", [(3, 0, -1), (0, -1)])
def test_reshape_refuses_minus_one_if_empty(shape):
    """exercise1/guessed_size, exercise6/guessed_size: -1 is ambiguous if there are no elements."""
    refuses(RuntimeError, torch.empty(0).reshape, shape)


def test_reshape_keeps_the_order_and_movedim_swaps():
    """exercise1/reshaped_columns, exercise3/reshaped, exercise4/reshaped_weight.

    `reshape` and `view` only split the numbers differently (exercise4/reshaped_columns).
    """
    weight = table_of(2, 3)
    for reshaped in (weight.reshape(3, 2), weight.view(3, 2)):
        assert torch.equal(reshaped.flatten(), weight.flatten())
        assert not torch.equal(reshaped, weight.T)
    for swapped in (weight.transpose(0, 1), weight.permute(1, 0), weight.movedim(0, 1)):
        assert torch.equal(swapped, weight.T)


def test_methods_with_an_underscore_change_the_tensor():
    """exercise1/reshaped_in_place, exercise4/transposed_in_place, exercise5/unsqueezed_in_place."""
    idx, weight, ids = torch.zeros(3), table_of(2, 3), torch.tensor([5])
    idx.unsqueeze_(-1)
    weight.t_()
    ids.clamp_(max=2)
    assert idx.shape == (3, 1) and weight.shape == (3, 2) and ids.tolist() == [2]
    assert idx.unsqueeze(-1).shape == (3, 1, 1) and idx.shape == (3, 1)


def test_a_zero_dimensional_tensor_cannot_be_iterated():
    """exercise1/stack_of_rows, exercise5/filled_row_by_row, exercise8/loop_over_first_dimension."""
    refuses(TypeError, iter, torch.tensor(3))
    refuses(RuntimeError, torch.stack, [])


def test_default_dtypes():
    """exercise1/rows_in_float32, exercise8/always_float32, exercise10/ids_of_four_bytes: defaults.

    Floats give float32, whole numbers int64. `.float()` is always float32, `new_zeros` keeps the
    dtype (exercise11/always_float32).
    """
    assert torch.tensor([1.0]).dtype == torch.zeros(1).dtype == torch.float32
    assert torch.empty(1).dtype == torch.eye(2).dtype == torch.ones(1).dtype == torch.float32
    assert torch.zeros(1, dtype=torch.float64).float().dtype == torch.float32
    assert torch.tensor([1, 2]).dtype == torch.int64
    assert torch.tensor([1, 2]).element_size() == 8


def test_float32_has_half_the_digits_of_float64():
    """exercise1/rows_in_float32, exercise3/default_dtype, exercise4/always_float32: half are lost.

    Writing float64 numbers into a float32 tensor converts them without a warning. A float16
    number becomes float32 (exercise5/result_in_float32).
    """
    digits32, digits64 = (-math.log10(torch.finfo(t).eps) for t in (torch.float32, torch.float64))
    assert 0.4 < digits32 / digits64 < 0.5
    rows = torch.zeros(1)
    rows[:] = torch.tensor([1 / 3], dtype=torch.float64)
    assert rows.dtype == torch.float32
    assert torch.zeros(1, dtype=torch.float16).float().dtype == torch.float32


def test_one_hot_takes_its_width_from_the_ids():
    """exercise1/width_from_batch, exercise5/width_from_batch: without a second argument."""
    idx = torch.tensor([0, 2])
    assert F.one_hot(idx).shape == (2, 3)
    assert F.one_hot(idx, 7).shape == (2, 7)
    refuses(RuntimeError, lambda: F.one_hot(idx).float() @ table_of(7, 2))


def test_max_norm_rewrites_the_table():
    """exercise1/renormalised, exercise9: max_norm is off by default and shortens looked-up rows."""
    assert nn.Embedding(3, 2).max_norm is None
    layer = nn.Embedding(3, 2, max_norm=1.0)
    nn.init.ones_(layer.weight)
    layer(torch.tensor([1]))
    lengths = layer.weight.norm(dim=1)
    assert lengths[1] < 1.001 and lengths[0] > 1.4 and lengths[2] > 1.4


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_lookup_keeps_the_dtype(dtype):
    """exercise7/output_in_float32, exercise10/output_in_float32, exercise9: no conversion."""
    assert nn.Embedding(3, 2).to(dtype)(torch.tensor([1])).dtype == dtype


def test_a_comma_makes_a_tuple():
    """exercise1/trailing_comma, exercise8/results_swapped: a tuple is unpacked by position."""
    rows = torch.zeros(3, 2)
    returned = (rows,)
    assert type(returned) is tuple and not hasattr(returned, "shape")
    first, second = rows, torch.tensor(1.0)
    assert first.shape == (3, 2) and second.shape == ()


def test_enumerate_gives_the_position_first():
    """exercise1/positions_as_ids, exercise6/positions_as_ids, exercise5/filled_row_by_row.

    For a 2-D tensor the second value is a whole row of ids.
    """
    assert list(enumerate(torch.tensor([3, 0]).tolist())) == [(0, 3), (1, 0)]
    _, ids = next(enumerate(torch.tensor([[3, 0]])))
    assert ids.tolist() == [3, 0]


def test_calculating_with_ids():
    """exercise1/ids_as_numbers: id 6 gives twice id 3, and id 0 zeros, from one row."""
    row = torch.tensor([[0.5, -2.0]])
    three, six, zero = torch.tensor([[3.0], [6.0], [0.0]]) @ row
    assert torch.equal(six, 2 * three) and not zero.any()


# Exercise 2: shapes


def test_layers_store_one_row_per_id_and_one_row_per_output():
    """exercise2, exercise3/not_transposed, exercise4/weight_in_out, exercise7/stored_transposed.

    The row of an id is a row of the table, not a column (exercise1/columns). Padding adds no row
    (exercise7/row_to_spare, exercise12/row_to_spare).
    """
    embedding, linear = nn.Embedding(10, 3), nn.Linear(10, 3)
    assert embedding.weight.shape == (10, 3) and linear.weight.shape == (3, 10)
    assert linear.bias.shape == (3,)
    assert [name for name, _ in embedding.named_parameters()] == ["weight"]
    assert nn.Embedding(10, 3, padding_idx=0).weight.shape == (10, 3)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3)])
def test_layers_keep_leading_dimensions(leading):
    """exercise2, exercise4/leading_flattened, exercise9: one adds a size, one replaces the last."""
    rows = nn.Embedding(10, 3)(torch.zeros(leading, dtype=torch.int64))
    assert rows.shape == (*leading, 3)
    assert nn.Linear(3, 5)(rows).shape == (*leading, 5)


def test_the_bias_is_optional_and_trained():
    """exercise2, exercise9, exercise12/bias_kept: Linear has one unless you pass bias=False."""
    assert nn.Linear(3, 2).bias.requires_grad
    assert nn.Linear(3, 2, bias=False).bias is None
    assert sum(p.numel() for p in nn.Linear(3, 2).parameters()) == 3 * 2 + 2


def test_flatten_joins_dimensions():
    """exercise2: `.flatten(1)` keeps the first dimension, `.flatten()` joins all."""
    assert torch.zeros(2, 3, 4).flatten(1).shape == (2, 12)
    assert torch.zeros(2, 3, 4).flatten().shape == (24,)


# Exercise 3: from a linear layer to a table


@pytest.mark.parametrize(("num", "dim"), [(4, 3), (4, 1), (1, 3)])
def test_memory_of_a_transpose(num, dim):
    """exercise3, exercise3/view_of_weight, exercise3/contiguous_is_no_copy: a transpose is a view.

    It is contiguous only with one row or one column. There `.contiguous()` copies nothing.
    """
    weight = table_of(dim, num)
    assert share_memory(weight.T, weight)
    assert weight.T.is_contiguous() == (1 in (num, dim))
    assert share_memory(weight.T.contiguous(), weight) == (1 in (num, dim))


def test_clone_and_addition_keep_the_order_in_memory():
    """exercise3, exercise3/clone_keeps_strides: of a transpose, so `.view(-1)` raises an error."""
    weight = table_of(3, 4)
    for kept in (weight.T.clone(), weight.T + torch.zeros(3)):
        assert kept.stride() == weight.T.stride()
        refuses(RuntimeError, kept.view, -1)
    assert weight.T.clone(memory_format=torch.contiguous_format).is_contiguous()


def test_in_place_changes_and_leaves():
    """exercise3/bias_added_in_place, exercise9: `+=` writes into the caller's tensor.

    A leaf that requires a gradient refuses it, and so does a row of it.
    """
    weight = table_of(2, 3)
    same = weight
    same += 1.0
    assert weight[0, 0] == 1.0
    same = same + 1.0
    assert weight[0, 0] == 1.0
    leaf = trained_table(2, 3)
    refuses(RuntimeError, leaf.add_, 1.0)
    refuses(RuntimeError, leaf[0].zero_)
    with torch.no_grad():
        leaf[1].zero_()
    assert leaf[1].tolist() == [0, 0, 0]


def test_a_view_requires_a_gradient_under_no_grad():
    """exercise1: under `torch.no_grad()`, a view of `weight`, as for a 0-d id, does."""
    weight = nn.Parameter(table_of(2, 3))
    with torch.no_grad():
        assert weight[torch.tensor(1)].requires_grad
        assert not weight[torch.tensor([1])].requires_grad


def test_a_bias_broadcasts_to_all_rows():
    """exercise3/bias_once, exercise3/bias_without_gradient, exercise4/bias_once: an addition works.

    The bias gets the sum of the gradients of all rows.
    """
    bias = torch.tensor([1.0, 2.0], requires_grad=True)
    table = torch.zeros(3, 2) + bias
    assert table.tolist() == [[1, 2]] * 3
    table.sum().backward()
    assert bias.grad.tolist() == [3, 3]


def test_new_layers_and_parameters_are_leaves():
    """exercise3/frozen, exercise7/frozen, exercise12/frozen: from_pretrained freezes its table."""
    weight = trained_table(3, 2)
    frozen = nn.Embedding.from_pretrained(weight * 2).weight
    thawed = nn.Embedding.from_pretrained(weight * 2, freeze=False).weight
    assert not frozen.requires_grad and thawed.requires_grad
    assert thawed.grad_fn is None and nn.Parameter(weight * 2).grad_fn is None


@pytest.mark.filterwarnings("ignore:To copy construct from a tensor")
def test_torch_tensor_cuts_the_graph():
    """exercise3/frozen, exercise4/input_detached: `torch.tensor(...)` of a tensor has no graph."""
    assert torch.tensor(trained_table(2, 2)).grad_fn is None


def test_truth_of_a_tensor():
    """exercise3/truth_of_bias, exercise4/bias_when_true: several numbers have no truth value."""
    refuses(RuntimeError, bool, torch.zeros(2))
    assert not torch.zeros(1)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_without_a_bias_both_layers_train_alike(optimizer):
    """exercise3: a linear layer on one-hot rows and a table stay equal."""
    linear = nn.Linear(4, 3, bias=False)
    table = nn.Parameter(linear.weight.detach().T.clone())
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    idx = torch.tensor([1, 3])
    for _ in range(2):
        step(make([linear.weight], lr=0.1), linear(F.one_hot(idx, 4).float()).square().mean())
        step(make([table], lr=0.1), table[idx].square().mean())
    torch.testing.assert_close(linear.weight.T, table)


def step(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """Take one step of the optimizer."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def test_with_a_bias_a_step_moves_every_output():
    """exercise3: an SGD step of the linear layer changes every id, one of the table only some."""
    linear, ids = nn.Linear(4, 3), torch.eye(4)
    table = nn.Parameter(linear(ids).detach())
    before = table.detach().clone()
    idx = torch.tensor([1])
    step(torch.optim.SGD(linear.parameters(), lr=0.1), linear(ids[idx]).sum())
    step(torch.optim.SGD([table], lr=0.1), table[idx].sum())
    assert moved_rows(before, linear(ids)) == [0, 1, 2, 3]
    assert moved_rows(before, table) == [1]


# Exercise 4: a linear layer


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3)])
def test_a_linear_layer_is_a_product(shape):
    """exercise4, exercise4/bias_dropped, exercise3/bias_dropped, exercise4/vector_becomes_batch.

    It is `x @ weight.T + bias`, also for one vector. An x of zeros gives the bias.
    """
    x, weight, bias = torch.randn(shape), torch.randn(2, 3), torch.randn(2)
    torch.testing.assert_close(F.linear(x, weight, bias), x @ weight.T + bias)
    torch.testing.assert_close(F.linear(x * 0, weight, bias), bias.expand(*shape[:-1], 2))


def test_functions_that_take_only_matrices():
    """exercise4/matrices_only: `torch.mm` and `torch.addmm` need exactly two dimensions."""
    x, weight = torch.randn(2, 4, 3), torch.randn(2, 3)
    refuses(RuntimeError, torch.mm, x, weight.T)
    refuses(RuntimeError, torch.mm, x[0, 0], weight.T)
    refuses(RuntimeError, torch.addmm, torch.zeros(2), x, weight.T)


def test_products_from_the_left():
    """exercise4/outputs_in_columns, exercise4/weight_times_x, exercise4/transposed_until_it_fits.

    `weight @ x.T` has one example per column. Other products raise no error if sizes are equal.
    """
    x, weight = torch.randn(4, 3), torch.randn(2, 3)
    assert (weight @ x.T).shape == (2, 4)
    torch.testing.assert_close(weight @ x[0], F.linear(x[0], weight))
    square = torch.randn(3, 3)
    assert not torch.allclose(weight @ square, F.linear(square, weight).T)


def test_none_cannot_be_added():
    """exercise4/bias_required: a tensor plus None is a TypeError."""
    refuses(TypeError, lambda: torch.zeros(2) + None)


def test_numpy_shares_memory_and_refuses_a_gradient():
    """exercise4/weight_detached: `.numpy()` shares the numbers; `no_grad` records no graph."""
    pytest.importorskip("numpy")
    weight = table_of(2, 2)
    weight.numpy()[0, 0] = 7.0
    assert weight[0, 0] == 7.0
    leaf = trained_table(2, 2)
    refuses(RuntimeError, leaf.numpy)
    with torch.no_grad():
        assert (leaf * 2).grad_fn is None


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_inf_and_nan_spread_to_all_outputs(number):
    """exercise4: an inf or nan in x reaches all outputs of its vector, and no other vector."""
    x = torch.ones(2, 3)
    x[0, 1] = number
    finite = F.linear(x, torch.randn(4, 3)).isfinite()
    assert not finite[0].any() and finite[1].all()


def test_one_number_broadcasts_too():
    """exercise4/bias_summed: a sum or the first number of a bias fits every shape."""
    bias = torch.tensor([1.0, 2.0])
    for number in (bias.sum(), bias.mean(), bias[0]):
        assert (torch.zeros(4, 2) + number).shape == (4, 2)


# Exercise 5: a product with one-hot rows


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("number", "own_row"), [(math.inf, "inf"), (math.nan, "nan")])
def test_inf_and_nan_spoil_their_column(dtype, number, own_row):
    """exercise5, exercise5/merely_indexed: 0 * inf and 0 * nan are nan in the dense product."""
    weight = torch.ones(3, 2, dtype=dtype)
    weight[2, 1] = number
    column = (F.one_hot(torch.tensor([0, 1, 2]), 3).to(dtype) @ weight)[:, 1]
    assert [str(value) for value in column.tolist()] == ["nan", "nan", own_row]


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_products_that_read_only_the_named_rows():
    """exercise5/merely_indexed: a lookup, a sparse product and `torch.where` ignore other rows."""
    weight = torch.tensor([[1.0], [math.inf]])
    one_hot = F.one_hot(torch.tensor([0]), 2).float()
    assert weight[torch.tensor([0])].tolist() == [[1.0]]
    assert torch.sparse.mm(one_hot.to_sparse(), weight).tolist() == [[1.0]]
    assert torch.where(one_hot.T.bool(), weight, 0.0).sum(0).tolist() == [1.0]


def test_the_product_has_the_gradient_of_a_lookup():
    """exercise5: in float32, repeated ids included."""
    weight, idx = trained_table(4, 2), torch.tensor([[1, 3], [1, 0]])
    cotangent = torch.randn(2, 2, 2)
    product = F.one_hot(idx, 4).float() @ weight
    (wanted,) = torch.autograd.grad(weight[idx], weight, cotangent)
    (gradient,) = torch.autograd.grad(product, weight, cotangent)
    torch.testing.assert_close(gradient, wanted)


def test_the_product_loses_the_sign_of_zero():
    """exercise5: a lookup returns -0.0, the product 0.0."""
    weight = torch.tensor([[-0.0], [1.0]])
    one_hot = F.one_hot(torch.tensor([0]), 2).float()
    assert torch.signbit(weight[torch.tensor([0])]).all()
    assert not torch.signbit(one_hot @ weight).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_sums(dtype):
    """exercise11, exercise11/added_in_half: adding ones stops, but `sum` and `mean` use float32."""
    most = torch.tensor(256.0 if dtype is torch.bfloat16 else 2048.0, dtype=dtype)
    assert most + 1 == most
    ones = torch.ones(5000, dtype=dtype)
    assert ones.sum() == torch.tensor(5000.0).to(dtype) and ones.mean() == 1
    bag = torch.zeros(5000, dtype=torch.int64)
    weight = torch.ones(1, 1, dtype=dtype)
    assert F.embedding_bag(bag, weight, torch.tensor([0]), mode="mean") == 1


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_gradients_round_differently(dtype):
    """exercise5: after 4,000 uses of one row, the two gradients of it differ."""
    weight = torch.ones(2, 3, dtype=dtype, requires_grad=True)
    idx = torch.zeros(4000, dtype=torch.int64)
    (looked_up,) = torch.autograd.grad(weight[idx].sum(), weight)
    (product,) = torch.autograd.grad((F.one_hot(idx, 2).to(dtype) @ weight).sum(), weight)
    assert looked_up[0, 0] != product[0, 0]


def test_a_product_converts_no_dtype():
    """exercise5/one_hot_is_integer, exercise5/float_is_float32, exercise10/one_hot_is_int64."""
    one_hot = F.one_hot(torch.tensor([0]), 3)
    assert one_hot.dtype == torch.int64
    refuses(RuntimeError, torch.matmul, one_hot, table_of(3, 2))
    refuses(RuntimeError, torch.matmul, one_hot.float(), table_of(3, 2).double())


def test_one_hot_rows():
    """exercise5/one_based, exercise5/ids_as_columns, exercise5/many_hot: one row for each id.

    The rows of all ids are the identity. A row with several ones adds up rows, as a bag does.
    """
    assert torch.equal(F.one_hot(torch.arange(4)), torch.eye(4, dtype=torch.int64))
    idx = torch.tensor([[2, 0]])
    assert F.one_hot(idx, 4).shape == (1, 2, 4)
    many_hot = F.one_hot(idx, 4).sum(1).float()
    bag = F.embedding_bag(idx, table_of(4, 2), mode="sum")
    assert torch.equal(many_hot @ table_of(4, 2), bag)


def test_every_int32_fits_into_an_int64():
    """exercise5/only_int64, exercise6/only_int64: the conversion loses nothing."""
    small, large = torch.iinfo(torch.int32), torch.iinfo(torch.int64)
    assert large.min < small.min and small.max < large.max


# Exercise 6: the gradient of a lookup


def test_adding_at_an_index_keeps_one_of_several():
    """exercise6/plus_equals, exercise6/loop_over_first_dimension, exercise8/stepped_once.

    `+=` and `-=` keep one of several numbers for a row, index_add_ keeps all.
    """
    table = torch.zeros(4, 2)
    table[[3, 3]] += 1
    assert table[3].tolist() == [1, 1]
    table = torch.zeros(4, 2)
    table.index_add_(0, torch.tensor([3, 3], dtype=torch.int32), torch.ones(2, 2))
    assert table[3].tolist() == [2, 2]
    steps = torch.zeros(3)
    steps[torch.tensor([1, 1])] -= 1
    assert steps.tolist() == [0, -1, 0]


def test_index_add_takes_a_list_and_a_matrix():
    """exercise6/plain_lists_only: index_add_ refuses a 2-D index."""
    idx, rows = torch.zeros(2, 3, dtype=torch.int64), torch.ones(2, 3, 4)
    refuses((IndexError, RuntimeError), torch.zeros(5, 4).index_add_, 0, idx, rows)


def test_a_gradient_fits_its_weight():
    """exercise6, exercise6/height_from_batch, exercise6/always_float32: in shape and dtype."""
    weight = nn.Parameter(torch.zeros(3, 2))
    refuses(RuntimeError, setattr, weight, "grad", torch.zeros(2, 2))
    refuses(RuntimeError, setattr, weight, "grad", torch.zeros(3, 2).double())
    assert torch.zeros(1).double().new_zeros(2).dtype == torch.float64


def test_a_mean_already_divides():
    """exercise6/averaged, exercise6/divided_by_batch, exercise6/counts: grad_output contains it."""
    output = torch.zeros(4, 2, requires_grad=True)
    (mean,) = torch.autograd.grad(output.mean(), output)
    (total,) = torch.autograd.grad(output.sum(), output)
    assert mean.unique().tolist() == [1 / 8] and total.unique().tolist() == [1]


def filled_padding() -> nn.Embedding:
    """A layer with the padding row 1 that has an all-zero gradient there and only ones."""
    layer = nn.Embedding(3, 2, padding_idx=1)
    nn.init.ones_(layer.weight)
    layer(torch.tensor([0, 1])).sum().backward()
    return layer


@pytest.mark.parametrize("decay", ["sgd", "adamw"])
def test_weight_decay_moves_a_filled_padding_row(decay):
    """exercise6, exercise9: a padding row of other numbers moves despite its zero gradient."""
    layer = filled_padding()
    assert layer.weight.grad[1].tolist() == [0, 0]
    if decay == "sgd":
        torch.optim.SGD(layer.parameters(), lr=0.1, weight_decay=0.5).step()
    else:
        torch.optim.AdamW(layer.parameters(), lr=0.1).step()
    assert (layer.weight[1] < 1).all()


def test_weight_decay_leaves_zeros_at_zero():
    """exercise9: weight decay moves all rows that are not zero; a padding row of zeros stays."""
    layer = nn.Embedding(3, 2, padding_idx=1)
    before = layer.weight.detach().clone()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, weight_decay=0.5)
    step(optimizer, layer(torch.tensor([1])).sum())
    assert moved_rows(before, layer.weight) == [0, 2]


def test_zero_is_false_like_none():
    """exercise6/padding_zero_is_none, exercise7/padding_zero_is_none: `if padding_idx:`."""
    assert not bool(0) and not bool(None)


# Exercise 7: an embedding layer


def test_padding_idx_of_the_layer():
    """exercise6, exercise7, exercise7/padding_ignored, exercise9: zeros at the start, no gradient.

    The lookup returns the row unchanged, even if it holds other numbers
    (exercise7/padding_blanks_output, exercise7/padding_zeroed_in_forward).
    """
    layer = nn.Embedding(3, 2, padding_idx=1)
    assert layer.weight[1].tolist() == [0, 0]
    layer = filled_padding()
    assert layer(torch.tensor(1)).tolist() == [1, 1]
    assert layer.weight[1].tolist() == [1, 1]


def test_padding_idx_is_an_id():
    """exercise6/padding_is_a_position, exercise6/padding_ignored, exercise6/padding_row_removed.

    No occurrence of the id sends a gradient, and its row stays in place. Without a padding_idx
    every row learns (exercise6/row_zero_always_padding).
    """
    idx = torch.tensor([2, 0, 1, 2])
    for padding_idx, wanted in ((2, [1, 1, 0]), (None, [1, 1, 2])):
        weight = torch.zeros(3, 1, requires_grad=True)
        F.embedding(idx, weight, padding_idx=padding_idx).sum().backward()
        assert weight.grad.flatten().tolist() == wanted


def test_padding_idx_of_the_function():
    """exercise7/padding_starts_random, exercise1/row_zero_is_padding: only the gradient changes.

    The gradient of the row stays zero, even if an infinite one arrives.
    """
    weight = (table_of(3, 2) + 1).requires_grad_()
    rows = F.embedding(torch.tensor([0, 1]), weight, padding_idx=0)
    assert torch.equal(rows, weight[:2])
    (rows * math.inf).sum().backward()
    assert weight.grad[0].tolist() == [0, 0] and weight.grad[1].isinf().all()


def test_a_row_of_zeros_gets_a_gradient():
    """exercise7/padding_trained: the gradient of a lookup does not depend on the row's numbers."""
    weight = torch.zeros(3, 2, requires_grad=True)
    weight[torch.tensor([1])].sum().backward()
    assert weight.grad[1].tolist() == [1, 1]


def test_a_negative_padding_idx_counts_from_the_end():
    """exercise7, exercise7/negative_padding_kept, exercise9: -1 becomes num - 1."""
    assert nn.Embedding(5, 2, padding_idx=-1).padding_idx == 4
    assert nn.EmbeddingBag(5, 2, padding_idx=-1).padding_idx == 4
    # The lookup counts from the end, too.
    weight = torch.ones(5, 2, requires_grad=True)
    F.embedding(torch.tensor([4, 3]), weight, -1).sum().backward()
    assert weight.grad[4].tolist() == [0, 0] and weight.grad[3].tolist() == [1, 1]


class Holder(nn.Module):
    """A module that holds the same numbers in four ways."""

    def __init__(self):
        super().__init__()
        self.parameter = nn.Parameter(torch.zeros(2))
        self.plain = torch.zeros(2)
        self.with_gradient = torch.zeros(2, requires_grad=True)
        self.register_buffer("buffer", torch.zeros(2))
        self.register_buffer("unsaved", torch.zeros(2), persistent=False)


def test_what_a_module_registers():
    """exercise7, exercise7/plain_tensor, exercise7/plain_attribute, exercise7/buffer.

    A Parameter is trained, saved and converted. A buffer is saved and converted, or only
    converted. A plain tensor is none of these.
    """
    holder = Holder().double()
    assert holder.unsaved.dtype == torch.float64
    assert [name for name, _ in holder.named_parameters()] == ["parameter"]
    assert sorted(holder.state_dict()) == ["buffer", "parameter"]
    assert holder.parameter.dtype == holder.buffer.dtype == torch.float64
    assert holder.plain.dtype == holder.with_gradient.dtype == torch.float32


def test_a_module_needs_its_own_init_first():
    """exercise7/no_super_init, exercise12/no_super_init: assigning raises an error before it."""
    module = nn.Module.__new__(nn.Module)
    refuses(AttributeError, setattr, module, "weight", nn.Parameter(torch.zeros(2)))
    refuses(AttributeError, setattr, module, "layer", nn.Linear(2, 2))


def test_copies_of_a_layer_are_separate():
    """exercise7, exercise7/own_copy: a copy does not follow later changes of the Parameter."""
    layer = nn.Embedding(3, 2)
    other, rows = copy.deepcopy(layer), layer.weight.detach().clone()
    nn.init.ones_(layer.weight)
    assert torch.equal(other.weight, rows) and not torch.equal(layer.weight, rows)


def test_index_select_takes_a_list():
    """exercise7/lists_only: a 2-D index is refused."""
    idx = torch.zeros(2, 4, dtype=torch.int64)
    refuses((IndexError, RuntimeError), table_of(3, 2).index_select, 0, idx)


def test_names_are_keys_of_the_state():
    """exercise7/other_name, exercise7/bias_added: a state with other names does not load."""
    layer = nn.Embedding(3, 2)
    assert list(layer.state_dict()) == ["weight"]
    weight = layer.weight.detach()
    refuses(RuntimeError, layer.load_state_dict, {"table": weight})
    refuses(RuntimeError, layer.load_state_dict, {"weight": weight, "bias": torch.zeros(2)})


def test_a_detached_weight_gets_no_gradient():
    """exercise7/detached: backward raises an error, and the weight's gradient stays None."""
    layer = nn.Embedding(3, 2)
    rows = F.embedding(torch.tensor([1]), layer.weight.data)
    assert not rows.requires_grad
    refuses(RuntimeError, rows.sum().backward)
    assert layer.weight.grad is None


def test_float_ids_are_refused_and_long_cuts():
    """exercise7, exercise7/floats_rounded, exercise9: `.long()` turns 1.9 into 1."""
    assert torch.tensor([1.9]).long().tolist() == [1]
    refuses(RuntimeError, nn.Embedding(3, 2), torch.tensor([1.9]))
    refuses(IndexError, lambda: table_of(3, 2)[torch.tensor([1.9])])


def test_random_starts():
    """exercise7/small_start, exercise7/uniform_start, exercise7/zero_start: mean 0 and std 1.

    `rand` draws between 0 and 1. The rules of Xavier and Kaiming give smaller numbers.
    """
    for normal in (nn.Embedding(500, 100).weight, torch.randn(500, 100)):
        assert abs(normal.mean()) < 0.05 and abs(normal.std() - 1) < 0.05
    uniform = torch.rand(500, 100)
    assert uniform.min() >= 0 and uniform.max() < 1
    for rule in (nn.init.xavier_normal_, nn.init.kaiming_normal_):
        assert rule(torch.empty(500, 100)).std() < 0.5


def test_a_scaled_row_gets_a_scaled_gradient():
    """exercise7/scaled: a factor on the output is a factor of the gradient."""
    weight = trained_table(3, 4)
    (weight[torch.tensor([0])] * 2).sum().backward()
    assert weight.grad[0].tolist() == [2] * 4


# Exercise 8: one training step


def test_backward_adds_to_grad():
    """exercise8/gradient_left_in_weight: a second backward adds to the first."""
    weight = trained_table(3, 2)
    for _ in range(2):
        weight[torch.tensor([1])].sum().backward()
    assert weight.grad[1].tolist() == [2, 2]


def test_a_detached_tensor_is_a_new_leaf_and_a_clone_is_not():
    """exercise8, exercise8/parameter_refused: `requires_grad_()` changes nothing for a clone."""
    weight = trained_table(3, 2)
    assert weight.detach().requires_grad_().is_leaf
    assert not weight.clone().requires_grad_().is_leaf


def test_a_loss_keeps_its_graph():
    """exercise8/graph_kept: backward frees saved tensors; nodes, table and gradient stay."""
    table = trained_table(3, 2)
    loss = F.mse_loss(table[torch.tensor([1])], torch.zeros(1, 2))
    loss.backward()
    refuses(RuntimeError, loss.backward)
    node = loss.grad_fn
    while node.next_functions:
        node = node.next_functions[0][0]
    assert node.variable is table and node.variable.grad is not None


def test_a_recorded_step_requires_a_gradient():
    """exercise8/new_weight_recorded: so does a Parameter."""
    table = trained_table(3, 2)
    table.sum().backward()
    assert (table - 0.1 * table.grad).requires_grad
    assert nn.Parameter(torch.zeros(2)).requires_grad


def test_gradients_of_losses():
    """exercise8, exercise8/factor_two_forgotten, exercise8/absolute_error, exercise8/root_of_loss.

    mse_loss has the factor 2 and no root. The gradient of an absolute error is its sign.
    """
    for error in (1.0, 3.0):
        number = torch.tensor(error, requires_grad=True)
        loss = F.mse_loss(number, torch.tensor(0.0))
        assert loss.item() == error**2
        assert torch.autograd.grad(loss, number)[0].item() == 2 * error
        absolute = F.l1_loss(number, torch.tensor(0.0))
        assert torch.autograd.grad(absolute, number)[0].item() == 1


def test_mse_averages_over_all_numbers():
    """exercise8/mean_over_ids_only, exercise8/summed_loss: 3 rows of 4 numbers are 12 errors."""
    assert F.mse_loss(torch.full((3, 4), 6.0), torch.zeros(3, 4)).item() == 36.0


def test_one_step_after_another():
    """exercise8/one_after_another: with two targets for one id, the order changes the result."""

    def last(targets):
        number = torch.tensor(0.0)
        for target in targets:
            number = number - 0.1 * 2 * (number - target)
        return number

    assert last([1.0, 5.0]) != last([5.0, 1.0])


def test_a_step_along_the_gradient():
    """exercise8/uphill, exercise8/rows_replaced: a small step down reduces the loss a little."""
    table, idx, target = trained_table(3, 2), torch.tensor([1]), torch.zeros(1, 2)
    loss = F.mse_loss(table[idx], target)
    (gradient,) = torch.autograd.grad(loss, table)
    down = F.mse_loss((table - 0.1 * gradient)[idx], target)
    up = F.mse_loss((table + 0.1 * gradient)[idx], target)
    assert 0 < down < loss < up


def test_what_weight_decay_subtracts():
    """exercise8/weight_decay: lr * decay * weight in addition; plain SGD has none by default."""
    weight = nn.Parameter(torch.full((2,), 4.0))
    step(torch.optim.SGD([weight], lr=0.1, weight_decay=0.5), (weight * 0).sum())
    torch.testing.assert_close(weight.detach(), torch.full((2,), 4.0 - 0.1 * 0.5 * 4.0))
    assert torch.optim.SGD([weight], lr=0.1).defaults["weight_decay"] == 0


def later_moves(make) -> list[int]:
    """The rows that move in the second step; row 1 was looked up first, row 2 second."""
    layer = nn.Embedding(4, 2)
    optimizer = make(layer.parameters())
    step(optimizer, layer(torch.tensor([1])).sum())
    before = layer.weight.detach().clone()
    step(optimizer, layer(torch.tensor([2])).sum())
    return moved_rows(before, layer.weight)


@pytest.mark.parametrize(
    ("make", "moved"),
    [
        (lambda parameters: torch.optim.SGD(parameters, lr=0.1), [2]),
        (lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9), [1, 2]),
        (lambda parameters: torch.optim.Adam(parameters, lr=0.1), [1, 2]),
        (lambda parameters: torch.optim.SGD(parameters, lr=0.1, weight_decay=0.5), [0, 1, 2, 3]),
        (lambda parameters: torch.optim.AdamW(parameters, lr=0.1), [0, 1, 2, 3]),
    ],
    ids=["sgd", "momentum", "adam", "decay", "adamw"],
)
def test_which_rows_an_optimizer_moves(make, moved):
    """exercise8, exercise8/weight_decay, exercise9: plain SGD moves only the looked-up rows."""
    assert later_moves(make) == moved


def test_the_first_step_of_adam():
    """exercise8/adam_step: it has the same length for every number that has a gradient."""
    weight = nn.Parameter(torch.zeros(3))
    step(torch.optim.Adam([weight], lr=0.1), (weight * torch.tensor([0.01, 1.0, -100.0])).sum())
    torch.testing.assert_close(weight.detach(), torch.tensor([-0.1, -0.1, 0.1]))


def test_numbers_are_no_tensors():
    """exercise8/loss_is_a_number: `.item()` gives a float, and floats cannot be stacked."""
    assert type(torch.tensor(1.0).item()) is float
    refuses(TypeError, torch.stack, [1.0, 2.0])


def test_writing_through_data_and_from_pretrained():
    """exercise8/weight_changed_in_place, exercise9: these share the caller's memory."""
    weight = torch.zeros(2, 2)
    weight.data[0] = 1.0
    weight.detach()[0] += 1.0
    nn.Embedding.from_pretrained(weight).weight[1] = 5.0
    assert weight.tolist() == [[2, 2], [5, 5]]


# Exercise 9: how an embedding behaves


@pytest.mark.parametrize("dtype", [torch.int8, torch.int16, torch.uint8, torch.float32])
def test_id_dtypes_that_are_refused(dtype):
    """exercise9: an embedding accepts int64 and int32 and raises RuntimeError for the rest."""
    refuses(RuntimeError, nn.Embedding(3, 2), torch.zeros(1, dtype=dtype))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_bad_id_makes_a_gpu_unusable():
    """exercise9: on a GPU, a device assertion fails, and the process cannot use the GPU again."""
    code = (
        "import torch\n"
        "from torch import nn\n"
        "try:\n"
        "    print(nn.Embedding(3, 2).cuda()(torch.tensor([3]).cuda()))\n"
        "except RuntimeError:\n"
        "    torch.zeros(1).cuda()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "assert" in done.stderr


def test_ids_are_not_numbers_for_a_linear_layer():
    """exercise9, exercise10/one_hot_is_int64: a linear layer does not convert int64 to float32."""
    refuses(RuntimeError, nn.Linear(3, 2), torch.arange(3))
    refuses(RuntimeError, nn.Sequential(nn.Embedding(3, 2), nn.Embedding(3, 2)), torch.arange(3))


def test_long_tensor_takes_a_size():
    """exercise9: `torch.LongTensor(5)` has five numbers, `torch.tensor(5)` no dimension."""
    assert torch.LongTensor(5).shape == (5,)
    assert torch.tensor(5).shape == () and torch.tensor([5]).shape == (1,)


def test_freezing():
    """exercise9: `.data` returns a new tensor each time, so setting its flag freezes nothing."""
    layer = nn.Embedding(3, 2)
    layer.weight.data.requires_grad = False
    assert layer.weight.requires_grad
    layer.weight.requires_grad = False
    layer.weight.sum()
    assert not layer(torch.tensor([1])).requires_grad


def test_indexing_with_a_number_is_a_view():
    """exercise9: `weight[1]` shares the memory of the table; an index tensor copies rows."""
    weight = table_of(3, 2)
    assert share_memory(weight[1], weight)
    assert not share_memory(weight[torch.tensor([1])], weight)


def test_cat_and_stack():
    """exercise9: `torch.cat` joins along a dimension, `torch.stack` adds one."""
    first, second = torch.zeros(3, 2), torch.zeros(3, 2)
    assert torch.cat([first, second], dim=-1).shape == (3, 4)
    assert torch.stack([first, second]).shape == (2, 3, 2)


def sparse_layer() -> nn.Embedding:
    """A layer with a sparse gradient in the rows 1 and 2."""
    layer = nn.Embedding(5, 2, sparse=True)
    layer(torch.tensor([1, 2])).sum().backward()
    return layer


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("name", ["SGD", "Adagrad", "SparseAdam"])
def test_optimizers_that_accept_a_sparse_gradient(name):
    """exercise9: plain SGD, Adagrad and SparseAdam do; the gradient holds looked-up rows only."""
    layer = sparse_layer()
    assert layer.weight.grad.is_sparse and not layer.weight.is_sparse
    assert layer.weight.grad.coalesce().values().shape == (2, 2)
    getattr(torch.optim, name)(layer.parameters(), lr=0.1).step()


@pytest.mark.parametrize(("name", "options"), [("SGD", {"weight_decay": 0.5}), ("Adam", {})])
def test_optimizers_that_refuse_a_sparse_gradient(name, options):
    """exercise9: Adam and weight decay raise RuntimeError; a negative lr is a ValueError."""
    optimizer = getattr(torch.optim, name)(sparse_layer().parameters(), lr=0.1, **options)
    refuses(RuntimeError, optimizer.step)
    refuses(ValueError, torch.optim.SGD, [nn.Parameter(torch.zeros(1))], lr=-1.0)


def test_shapes_of_bags():
    """exercise9, exercise11, exercise2: one vector per bag, by default the mean.

    A flat list needs offsets, and a matrix of ids must not have them.
    """
    bag, idx = nn.EmbeddingBag(5, 2), torch.tensor([[1, 2, 2], [0, 0, 0]])
    torch.testing.assert_close(bag(idx), bag.weight[idx].mean(1))
    assert bag(idx.flatten(), torch.tensor([0, 2])).shape == (2, 2)
    refuses(ValueError, bag, idx.flatten())
    refuses(ValueError, bag, idx, torch.tensor([0, 2]))


def test_a_bag_leaves_padding_out():
    """exercise9: out of the sum and out of the count; in nn.Embedding the output keeps it."""
    bag = nn.EmbeddingBag(5, 2, mode="mean", padding_idx=0)
    nn.init.constant_(bag.weight, 6.0)
    assert bag(torch.tensor([[1, 0, 0]])).tolist() == [[6, 6]]
    assert nn.Embedding(5, 2, padding_idx=0)(torch.tensor([[1, 0, 0]])).shape == (1, 3, 2)


# Exercise 10: what a lookup saves


def test_bytes_of_a_million_rows():
    """exercise10, exercise10/one_hot_product, exercise10/compared_with_all: sizes of one number.

    8 GB as float32; the int64 of one_hot takes twice, the bool of a comparison a quarter of this.
    """
    sizes = [torch.zeros(1, dtype=t).element_size() for t in (torch.float32, torch.int64)]
    assert sizes == [4, 8] and torch.zeros(1, dtype=torch.bool).element_size() == 1
    assert 2000 * 1_000_000 * 4 == 8e9


def test_when_the_one_hot_matrix_is_the_largest():
    """exercise10/one_hot_bytes_forgotten: with more ids than columns and more rows than columns."""
    sizes = range(1, 5)
    for n, num, dim in itertools.product(sizes, sizes, sizes):
        is_largest = n * num > max(num * dim, n * dim)
        assert is_largest == (n > dim and num > dim)


def test_nbytes_counts_bytes():
    """exercise10, exercise10/numbers_for_bytes, exercise10/ids_forgotten: the example's numbers."""
    one_hot, table, result = torch.zeros(3, 5), torch.zeros(5, 2), torch.zeros(3, 2)
    ids = torch.zeros(3, dtype=torch.int64)
    assert one_hot.nbytes + table.nbytes + result.nbytes == 124
    assert ids.nbytes + 2 * result.nbytes == 72
    assert result.numel() * 5 == 30


def test_int32_overflows_silently():
    """exercise10/counted_in_int32: above 2,147,483,647 it continues at the negative end."""
    largest = torch.tensor(2**31 - 1, dtype=torch.int32)
    assert (largest + 1).item() == -(2**31)


def test_floats_round_large_counts():
    """exercise10/rounded_by_float, exercise10/floats_returned: whole numbers up to 2**53 only.

    torch's default float has 24 bits.
    """
    assert int(float(2**53 + 1)) - 2**53 == 0
    assert int(float(2**53)) == 2**53
    assert type(4 / 2) is float and type(2 * 4.0) is float and type(4 // 2) is int
    assert torch.tensor(float(2**24)) + 1 == 2**24
    assert torch.finfo(torch.get_default_dtype()).eps == 2.0**-23


def test_copies_of_an_expanded_table():
    """exercise10/row_copies: expand copies nothing; repeat, clone and masking do."""
    table = table_of(4, 2)
    expanded = table.expand(3, 4, 2)
    assert share_memory(expanded, table)
    mask = torch.ones(3, 4, 1, dtype=torch.bool)
    for copied in (table.repeat(3, 1, 1), expanded.clone(), expanded.masked_fill(mask, 0.0)):
        assert copied.untyped_storage().nbytes() == 3 * table.nbytes


# Exercise 11: bags


def test_reductions_of_no_rows():
    """exercise11, exercise11/empty_max_raises, exercise11/empty_mean_is_nan: sum 0, mean nan."""
    rows = torch.zeros(0, 3)
    assert rows.sum(0).tolist() == [0, 0, 0]
    assert rows.mean(0).isnan().all()
    refuses(IndexError, rows.amax, 0)
    refuses(IndexError, rows.max, 0)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_empty_bags_are_zeros(mode, dtype):
    """exercise11, exercise11/empty_bags_skipped, exercise11/empty_is_infinite: in every mode.

    A maximum may be negative (exercise11/max_at_least_zero).
    """
    weight = torch.full((3, 2), -1.0, dtype=dtype)
    bags = F.embedding_bag(torch.tensor([1]), weight, torch.tensor([0, 0, 1]), mode=mode)
    assert bags.tolist() == [[0, 0], [-1, -1], [0, 0]] and bags.dtype == dtype


def test_how_bags_combine_rows():
    """exercise11, exercise11/repeats_once, exercise11/mean_over_different, exercise11/max_of_sizes.

    Repeats count. max compares signed numbers column by column, not ids or whole rows
    (exercise11/max_of_ids, exercise11/max_takes_one_row). Another bag changes nothing
    (exercise11/mean_over_bags, exercise11/mean_over_largest).
    """
    weight = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-5.0, -5.0]])
    twice, start = torch.tensor([0, 0]), torch.tensor([0])
    assert F.embedding_bag(twice, weight, start, mode="sum").tolist() == [[2, 0]]
    assert F.embedding_bag(twice, weight, start, mode="mean").tolist() == [[1, 0]]
    assert F.embedding_bag(torch.arange(3), weight, start, mode="max").tolist() == [[1, 1]]
    two_bags = F.embedding_bag(torch.tensor([0, 0, 2]), weight, torch.tensor([0, 2]), mode="mean")
    assert two_bags[0].tolist() == [1, 0]


def test_offsets_are_starts():
    """exercise11, exercise11/offsets_are_sizes, exercise11/offsets_are_ends: the first is 0.

    A bag ends where the next one starts, the last one at the end of the list
    (exercise11/last_bag_missing, exercise11/one_bag_for_all).
    """
    idx, weight = torch.arange(4), table_of(4, 1)
    bags = F.embedding_bag(idx, weight, torch.tensor([0, 3]), mode="sum")
    assert bags.tolist() == [[3], [3]]
    refuses(RuntimeError, F.embedding_bag, idx, weight, torch.tensor([1, 3]))


def test_unknown_modes_are_refused():
    """exercise11, exercise11/mode_unchecked: PyTorch raises ValueError too."""
    bag = (torch.arange(2), table_of(3, 2), torch.tensor([0]))
    refuses(ValueError, F.embedding_bag, *bag, mode="median")


def test_where_reductions_send_their_gradient():
    """exercise11, exercise11/max_without_gradient, exercise11/max_spreads_gradient: three ways.

    A sum passes it to each row, a mean divides it, a maximum passes it to the row it came from.
    `amax` divides it among equal rows.
    """
    rows = torch.tensor([[1.0], [4.0]], requires_grad=True)
    wanted = {"sum": [[1.0], [1.0]], "mean": [[0.5], [0.5]], "amax": [[0.0], [1.0]]}
    for name, gradient in wanted.items():
        reduced = getattr(rows, name)(0).sum()
        assert torch.autograd.grad(reduced, rows)[0].tolist() == gradient
    equal = torch.ones(2, 1, requires_grad=True)
    assert torch.autograd.grad(equal.amax(0).sum(), equal)[0].tolist() == [[0.5], [0.5]]


def test_slices_leave_out_their_end():
    """exercise11/bags_overlap, exercise11/last_id_missing: idx[start:end] stops before end."""
    assert torch.arange(4)[0:2].tolist() == [0, 1]
    assert torch.arange(4)[2:-1].tolist() == [2]


# Exercise 12: one weight, two layers


class Tied(nn.Module):
    """The two layers of exercise 12, tied."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.projection = nn.Linear(3, 5, bias=False)
        self.projection.weight = self.embedding.weight

    def is_tied(self) -> bool:
        return self.projection.weight is self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))


def test_a_shared_parameter_is_listed_once_and_saved_twice():
    """exercise12, exercise12/transposed_to_tie, exercise9, exercise2: both weights are (num, dim).

    A Parameter may belong to two modules.
    """
    model = Tied()
    assert nn.Embedding(5, 3).weight.shape == nn.Linear(3, 5).weight.shape
    assert len(list(model.parameters())) == 1
    assert sorted(model.state_dict()) == ["embedding.weight", "projection.weight"]


def test_what_keeps_layers_tied():
    """exercise12: conversion, deepcopy, training and load_state_dict keep the layers tied."""
    model = Tied()
    assert model.double().is_tied() and copy.deepcopy(model).is_tied()
    step(torch.optim.SGD(model.parameters(), lr=0.1), model(torch.tensor([1])).sum())
    model.load_state_dict(Tied().state_dict())
    assert model.is_tied()


def test_what_unties_layers():
    """exercise12: load_state_dict(assign=True) and the meta device untie them."""
    model = Tied()
    model.load_state_dict(Tied().state_dict(), assign=True)
    assert not model.is_tied()
    with torch.device("meta"):
        model = Tied()
    assert not model.to_empty(device="cpu").is_tied()


def test_the_gradient_is_the_sum_of_both_uses():
    """exercise12, exercise12/gradient_halved, exercise12/output_use_detached: autograd adds them.

    The lookup reaches only the looked-up rows, the projection all rows
    (exercise12/input_use_detached, exercise12/projection_without_layer).
    """
    model, idx = Tied(), torch.tensor([1])
    first, second = (model.embedding.weight.detach().clone().requires_grad_() for _ in range(2))
    model(idx).sum().backward()
    (first[idx] @ second.T).sum().backward()
    torch.testing.assert_close(model.embedding.weight.grad, first.grad + second.grad)
    assert moved_rows(torch.zeros(5, 3), first.grad) == [1]
    assert moved_rows(torch.zeros(5, 3), second.grad) == [0, 1, 2, 3, 4]


def test_two_parameters_of_one_memory():
    """exercise12, exercise12/shared_data: each has its own gradient, and `.to` separates them.

    Adam steps twice in the same memory.
    """
    model = Tied()
    model.projection.weight = nn.Parameter(model.embedding.weight.data)
    assert share_memory(model.projection.weight, model.embedding.weight)
    nn.init.ones_(model.embedding.weight)
    step(torch.optim.Adam(model.parameters(), lr=0.1), model(torch.tensor([1])).sum())
    assert not torch.equal(model.projection.weight.grad, model.embedding.weight.grad)
    torch.testing.assert_close(model.embedding.weight[1].detach(), torch.full((3,), 0.8))
    model.double()
    assert not share_memory(model.projection.weight, model.embedding.weight)


def test_two_parameters_part_at_the_first_step():
    """exercise12/equal_once, exercise12/not_tied, exercise12/copied_in_forward: two gradients."""
    model = Tied()
    model.projection.weight = nn.Parameter(model.embedding.weight.detach().clone())
    step(torch.optim.SGD(model.parameters(), lr=0.1), model(torch.tensor([1])).sum())
    assert not torch.equal(model.projection.weight, model.embedding.weight)


def test_what_may_be_assigned():
    """exercise12/tensor_assigned, exercise12/projection_reversed, exercise9: any Parameter.

    PyTorch refuses a plain tensor under the name of a Parameter, but does not compare shapes.
    With a bias of the old size the layer fails when it is called.
    """
    linear = nn.Linear(5, 3)
    refuses(TypeError, setattr, linear, "weight", nn.Embedding(5, 3).weight.data)
    linear.weight = nn.Embedding(5, 3).weight
    assert linear.weight.shape == (5, 3) and (linear.in_features, linear.out_features) == (5, 3)
    for size in (3, 5):
        refuses(RuntimeError, linear, torch.zeros(2, size))
    without_bias = nn.Linear(5, 3, bias=False)
    without_bias.weight = nn.Embedding(5, 3).weight
    assert without_bias(torch.zeros(2, 3)).shape == (2, 5)


def test_a_padding_row_of_a_tied_table():
    """exercise12/padding_by_habit: the lookup sends no gradient to it, the projection does."""
    layer = nn.Embedding(3, 2, padding_idx=0)
    layer(torch.tensor([0])).sum().backward()
    assert layer.weight.grad[0].tolist() == [0, 0]
    F.linear(torch.ones(1, 2), layer.weight).sum().backward()
    assert layer.weight.grad[0].tolist() == [1, 1]


def test_scores_of_all_positions_in_one_dimension():
    """exercise12/batch_flattened: `flatten(0, -2)` keeps only the last dimension apart."""
    assert torch.zeros(2, 4, 5).flatten(0, -2).shape == (8, 5)


def test_cross_entropy_applies_the_softmax():
    """exercise12/softmax_applied: a second softmax makes the probabilities nearly equal."""
    scores, target = torch.tensor([[0.0, 3.0, 9.0]]), torch.tensor([2])
    wanted = -scores.log_softmax(-1)[0, 2]
    torch.testing.assert_close(F.cross_entropy(scores, target), wanted)
    twice = scores.softmax(-1).softmax(-1)
    assert scores.softmax(-1).max() > 0.99 and twice.max() < 0.6


# The examples in the statements


WEIGHT1 = [[0.4, -1.2], [0.9, 0.3], [1.5, 0.8]]
LINEAR3 = [[0.4, 0.9, -0.7], [-1.2, 0.3, 0.1]]
EXAMPLES = {
    "exercise1": (
        lambda: torch.tensor(WEIGHT1)[torch.tensor([2, 0, 2])],
        [[1.5, 0.8], [0.4, -1.2], [1.5, 0.8]],
    ),
    "exercise3": (
        lambda: F.linear(torch.eye(3), torch.tensor(LINEAR3), torch.tensor([0.1, 0.5])),
        [[0.5, -0.7], [1.0, 0.8], [-0.6, 0.6]],
    ),
    "exercise4": (
        lambda: F.linear(
            torch.tensor([1.0, 4.0, 2.0]),
            torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 3.0]]),
            torch.tensor([0.1, -0.2]),
        ),
        [0.6, 6.8],
    ),
    "exercise5": (
        lambda: F.one_hot(torch.tensor([2, 0]), 3).float() @ torch.tensor(WEIGHT1),
        [[1.5, 0.8], [0.4, -1.2]],
    ),
    "exercise6": (
        lambda: torch.zeros(4, 2).index_add(
            0, torch.tensor([3, 0, 3]), torch.tensor([[1.0, 2.0], [0.5, 0.5], [10.0, 20.0]])
        ),
        [[0.5, 0.5], [0.0, 0.0], [0.0, 0.0], [11.0, 22.0]],
    ),
    "exercise8": (
        lambda: F.mse_loss(
            torch.tensor([[1.0], [2.0], [3.0]])[torch.tensor([2, 2])], torch.tensor([[1.0], [2.0]])
        ),
        2.5,
    ),
    "exercise11": (
        lambda: F.embedding_bag(
            torch.tensor([2, 0, 2]), torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([0, 2, 2])
        ),
        [[2.5], [0.0], [4.0]],
    ),
    "exercise12": (
        lambda: torch.tensor([[2.0, 1.0]]) @ torch.tensor([[1.0, 0.0], [2.0, 1.0]]).T,
        [[2.0, 5.0]],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_the_statement(name):
    """exercise1, exercise3, exercise4, exercise5, exercise6, exercise8, exercise11, exercise12.

    PyTorch gives the result that the example shows.
    """
    compute, wanted = EXAMPLES[name]
    torch.testing.assert_close(compute(), torch.tensor(wanted))


# The facts and the course

PLACE = re.compile(r"(exercise\d+)(?:/(\w+))?")
FACTS = {
    node.name: ast.get_docstring(node) or ""
    for path in sorted(Path(__file__).parent.glob("test_facts*.py"))
    for node in ast.parse(path.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}
"""What the tests of this file and of the other `test_facts_….py` state."""


def test_every_exercise_has_facts():
    """Each exercise of the course is named by at least one fact."""
    named = {place[1] for text in FACTS.values() for place in PLACE.finditer(text)}
    assert named == set(exercise_ids(default_root()))


def test_every_place_exists():
    """Each explanation that a fact names is a file of the course."""
    places = {place.groups() for text in FACTS.values() for place in PLACE.finditer(text)}
    solutions = default_root() / "solutions"
    missing = [
        f"{exercise}/{name}"
        for exercise, name in sorted(places, key=str)
        if name and not (solutions / exercise / "wrong" / f"{name}.py").is_file()
    ]
    assert missing == []
