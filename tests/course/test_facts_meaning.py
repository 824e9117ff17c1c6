"""What the section "Meaning" says about PyTorch, skip-gram and cosines is true.

``tests/course/test_facts.py`` explains how these tests name the places that state a fact.
"""

import math
import runpy

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 -- its usual name

from grader.course.location import default_root

ROOT = default_root()
WORDS = ROOT / "exercises" / "exercise18" / "words.txt"


def solution(exercise: str, function: str):
    """The function of a solution."""
    return runpy.run_path(str(ROOT / "solutions" / exercise / "solution.py"))[function]


def slope(function, at: float) -> float:
    """The derivative of ``function``."""
    place = torch.tensor(at, requires_grad=True)
    (found,) = torch.autograd.grad(function(place), place)
    return float(found)


def cost(score: Tensor) -> Tensor:
    return -F.logsigmoid(score)


# Exercise 17: the loss


def test_example_of_the_loss():
    """exercise17, exercise17/sign_forgotten, exercise17/tables_swapped: the numbers add up.

    The score of the pair is 1 * 3, and both negatives cost the same.
    """
    centers, contexts = torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [-1.0]])
    ids = torch.tensor([0]), torch.tensor([0]), torch.tensor([[1, 1]])
    assert centers[0] @ contexts[0] == 3 and centers[0] @ contexts[1] == -1
    costs = cost(torch.tensor([3.0, 1.0, 1.0]))
    assert [f"{value:.4f}" for value in costs.tolist()] == ["0.0486", "0.3133", "0.3133"]
    assert torch.isclose(solution("exercise17", "sgns_loss")(centers, contexts, *ids), costs.sum())


def test_shapes_of_the_hints():
    """exercise17, exercise17/one_dimension_only: broadcasting scores ids of any shape.

    `torch.bmm` needs three dimensions.
    """
    table, center = torch.randn(5, 3), torch.zeros(2, 4, dtype=torch.int64)
    negatives = torch.zeros(2, 4, 6, dtype=torch.int64)
    vectors = table[center]
    assert vectors.shape == (2, 4, 3) and table[negatives].shape == (2, 4, 6, 3)
    assert (vectors.unsqueeze(-2) * table[negatives]).sum(-1).shape == (2, 4, 6)
    with pytest.raises(RuntimeError):
        torch.bmm(table[negatives], vectors.unsqueeze(2))


def test_log_of_the_sigmoid():
    """exercise17, exercise17/log_of_sigmoid, exercise17/one_minus_sigmoid: rounded sigmoids.

    In float32 the sigmoid of -200 is 0 and that of 20 is 1, so a log is infinite. `logsigmoid`
    stays finite for scores in the thousands. 1 - sigmoid(x) is sigmoid(-x).
    """
    assert torch.sigmoid(torch.tensor(-200.0)) == 0
    assert torch.sigmoid(torch.tensor(-200.0)).log() == -math.inf
    assert torch.log(1 - torch.sigmoid(torch.tensor(20.0))) == -math.inf
    assert F.logsigmoid(torch.tensor(-9000.0)) == -9000
    x = torch.tensor([-3.0, 0.5, 2.0])
    assert torch.allclose(1 - torch.sigmoid(x), torch.sigmoid(-x))


def test_slopes_at_a_kink():
    """exercise17, exercise17/slope_at_zero: 1 for clamp and 0 for abs, but -1/2 for the cost.

    Since PyTorch 2.15, it is 0 for clamp.
    """
    version = tuple(int(number) for number in torch.__version__.split(".")[:2])
    clamped = 0 if version >= (2, 15) else 1
    assert slope(lambda x: x.clamp(min=0), 0.0) == clamped and slope(torch.abs, 0.0) == 0
    assert slope(cost, 0.0) == -0.5
    assert slope(lambda x: (-x).clamp(min=0) + torch.log1p(torch.exp(-x.abs())), 0.0) == -clamped


def test_size_and_slope_of_the_cost():
    """exercise17/sigmoid_without_log, exercise17/small_number_added, exercise17/scores_clamped.

    The cost is small near probability 1 and unbounded near 0, where its slope is -1 and that of
    a sigmoid is nearly 0. With 1e-8 or 1e-10 added, a score of -200 costs 18 or 23 and has no
    slope; a clamp has none either.
    """
    assert cost(torch.tensor(10.0)) < 1e-4 and cost(torch.tensor(-200.0)) == 200
    assert slope(cost, -200.0) == -1
    assert abs(slope(lambda x: -torch.sigmoid(x), -20.0)) < 1e-8
    for added, expected in ((1e-8, 18), (1e-10, 23)):

        def limited(x, added=added):
            return -torch.log(torch.sigmoid(x) + added)

        assert round(float(limited(torch.tensor(-200.0)))) == expected
        assert abs(slope(limited, -200.0)) < 1e-6
    assert slope(lambda x: cost(x.clamp(-30, 30)), -40.0) == 0


def test_other_losses():
    """exercise17/cosine_as_score, exercise17/sign_outside_the_log, exercise17/negatives_pulled.

    The sigmoid of 1 is below 0.74. `log(sigmoid(-x))` is not `-log(sigmoid(x))`, whose negative
    has no lower bound. A negative pulled like a context is cheapest if its score is high. In a
    sum, a very negative score hides a positive one (exercise17/negatives_added_first).
    """
    assert 0.73 < torch.sigmoid(torch.tensor(1.0)) < 0.74
    x = torch.tensor(-500.0)
    assert F.logsigmoid(-x) != -F.logsigmoid(x) and F.logsigmoid(x) == -500
    assert cost(torch.tensor(5.0)) < cost(torch.tensor(-5.0))
    scores = torch.tensor([-50.0, 8.0])
    assert cost(-scores.sum()) < 1e-3 and cost(-scores).sum() > 8


def test_softmax_lets_words_compete():
    """exercise17/softmax_over_words: another word's score changes a softmax, not a sigmoid."""
    first, second = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 5.0])
    assert first.log_softmax(0)[0] != second.log_softmax(0)[0]
    assert F.logsigmoid(first)[0] == F.logsigmoid(second)[0]


def test_two_rows_of_a_word():
    """exercise17/one_table: the score of a row with itself is the square of its length."""
    row = torch.tensor([3.0, 4.0])
    assert row @ row == row.norm() ** 2 == 25


def test_sum_and_mean():
    """exercise17/summed, exercise17/negatives_averaged, exercise17/mean_over_numbers.

    A sum grows with the number of pairs, and so does its gradient; a mean does not. A mean over
    five negatives weighs each a fifth, and a mean of 4 products is a quarter of the dot product.
    """
    for repeats in (1, 10):
        scores = torch.full((repeats,), 0.5, requires_grad=True)
        table = torch.tensor(1.0, requires_grad=True)
        for reduced, size in (
            (cost(scores * table).sum(), repeats),
            (cost(scores * table).mean(), 1),
        ):
            (gradient,) = torch.autograd.grad(reduced, table)
            assert torch.isclose(gradient / size, torch.tensor(slope(cost, 0.5) * 0.5))
    assert torch.isclose(torch.ones(5).mean(), torch.ones(5).sum() / 5)
    a, b = torch.randn(2, 4)
    assert torch.isclose((a * b).mean(), (a @ b) / 4)


def test_every_center_with_every_context():
    """exercise17/every_center_with_every_context: only the diagonal of `a @ b.T` has the pairs."""
    a, b = torch.randn(2, 3, 4)
    assert (a @ b.T).shape == (3, 3)
    assert torch.allclose((a @ b.T).diagonal(), (a * b).sum(-1), atol=1e-6)


def test_views_and_reshapes_of_ids():
    """exercise17/view_of_ids, exercise17/minus_one_without_negatives: what view and reshape refuse.

    `view` refuses transposed and expanded ids, which `reshape` copies. `reshape(-1, 0)` is an
    error. `unsqueeze_` changes the caller's tensor (exercise17/ids_reshaped_in_place).
    """
    ids = torch.zeros(2, 3, dtype=torch.int64)
    for given in (ids.T, ids[:1].expand(4, 3)):
        with pytest.raises(RuntimeError):
            given.view(-1)
        assert given.reshape(-1).shape == (given.numel(),)
    with pytest.raises(RuntimeError):
        torch.empty(5, 0).reshape(-1, 0)
    assert torch.empty(5, 0).reshape(5, 0).shape == (5, 0)
    ids.unsqueeze_(-1)
    assert ids.shape == (2, 3, 1)


def test_what_cuts_the_gradient():
    """exercise17/negatives_detached, exercise17/contexts_detached: three ways to cut a gradient."""
    table = torch.randn(3, 2, requires_grad=True)
    with torch.no_grad():
        under_no_grad = table[:1] * 1
    for cut in (table.data[:1], table[:1].detach(), under_no_grad):
        assert not cut.requires_grad


def test_unused_rows_in_a_product():
    """exercise17/all_scores: in a product with the whole table, unused rows spoil the gradient."""
    centers = torch.ones(1, 2, requires_grad=True)
    contexts = torch.tensor([[1.0, 2.0], [math.nan, 0.0]])
    score = (centers @ contexts.T)[0, 0]
    (gradient,) = torch.autograd.grad(score, centers)
    assert score == 3 and gradient.isnan().any()


def test_float32_has_half_the_digits():
    """exercise17/always_float32, exercise18/precision_lost: `.float()` halves the digits.

    float32 has about 7 digits, so cosines that differ by 1e-9 become equal. Products keep float64.
    """
    assert 1e-7 < torch.finfo(torch.float32).eps < 1e-6
    assert 1e-16 < torch.finfo(torch.float64).eps < 1e-15
    numbers = torch.tensor([0.5, 0.5 + 1e-9], dtype=torch.float64)
    assert numbers[0] != numbers[1] and numbers.float()[0] == numbers.float()[1]
    assert F.logsigmoid((numbers * numbers).sum(-1)).dtype is torch.float64


# Exercise 18: the nearest rows


def test_example_of_the_nearest():
    """exercise18: the cosines and the result of the example."""
    weight = torch.tensor([[1.0, 0.0], [5.0, 5.0], [0.0, 2.0], [-2.0, 1.0]])
    unit = F.normalize(weight, dim=1)
    assert [f"{value:.2f}" for value in (unit[0] @ unit[1:].T).tolist()] == [
        "0.71",
        "0.00",
        "-0.89",
    ]
    found = solution("exercise18", "nearest")(weight, torch.tensor([0]), 2)
    assert found.tolist() == [[1, 2]]


def test_normalize():
    """exercise18, exercise18/columns_normalized, exercise18/zero_divided_by_zero: lengths of rows.

    `normalize` and `norm` add up along `dim`, and `normalize` keeps a row of zeros; a plain
    division gives nan.
    """
    weight = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert weight.norm(dim=1).tolist() == [5, 0]
    assert torch.allclose(F.normalize(weight, dim=1), torch.tensor([[0.6, 0.8], [0.0, 0.0]]))
    assert torch.equal(F.normalize(weight), F.normalize(weight, dim=1))
    assert (weight / weight.norm(dim=1, keepdim=True))[1].isnan().all()


def test_topk_and_argsort():
    """exercise18/worst_of_the_best_first, exercise18/values_returned, exercise18/dtype_of_ids.

    `argsort` rises. `topk` begins with the largest, ranks along the last dimension, treats nan as
    the largest (exercise18/zero_divided_by_zero) and returns values and int64 positions.
    """
    values = torch.tensor([[0.1, 0.9, math.nan, 0.5]])
    assert values[:, [0, 1, 3]].argsort(-1).tolist() == [[0, 2, 1]]
    assert values[:, [0, 1, 3]].argsort(-1, descending=True).tolist() == [[1, 2, 0]]
    best = values.topk(2)
    assert best.indices.tolist() == [[2, 1]] and best.indices.dtype is torch.int64
    assert torch.equal(best.values[0, 1], values[0, 1])
    assert values.argmax(-1).shape == (1,) and values.topk(1).indices.squeeze(-1).shape == (1,)


def test_lengths_and_directions():
    """exercise18/dot_product, exercise18/distance, exercise18/squared_length: lengths mislead.

    A row of twice the length has twice the dot product and the same cosine, and can be far away.
    Divided by the square of its length, a long row gets short. For rows of length 1, distance and
    cosine give the same order. Opposite rows have the cosine -1 (exercise18/farthest_first).
    """
    row, other = torch.tensor([3.0, 4.0]), torch.tensor([4.0, 3.0])
    assert row @ (2 * other) == 2 * (row @ other)
    cosines = F.cosine_similarity(row, torch.stack([other, 2 * other, -row]), dim=-1)
    assert torch.isclose(cosines[0], cosines[1]) and cosines[2] == -1
    assert (row - 9 * row).norm() > (row - other).norm()
    assert (10 * row / (10 * row).norm() ** 2).norm() < (row / row.norm() ** 2).norm()
    unit = F.normalize(torch.randn(9, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    by_distance = (unit[0] - unit).norm(dim=1).argsort()
    assert torch.equal(by_distance, (unit @ unit[0]).argsort(descending=True))


def test_which_id_is_left_out():
    """exercise18/rows_of_the_batch_masked, exercise18/all_ids_left_out: one mask row for each id.

    The diagonal fits only ids 0, 1, 2. Without row 3, row 4 is at position 3
    (exercise18/positions_shifted).
    """
    ids = torch.tensor([2, 0])
    itself = ids.unsqueeze(-1) == torch.arange(4)
    assert itself.nonzero()[:, 1].tolist() == ids.tolist()
    assert torch.zeros(2, 4).fill_diagonal_(1).nonzero()[:, 1].tolist() == [0, 1]
    others = [number for number in range(5) if number != 3]
    assert others[3] == 4


def test_ids_without_dimensions():
    """exercise18/ids_counted_by_len, exercise18/list_of_ids_only: a 0-d tensor is no list.

    `mm` needs two dimensions, and `@` takes more in front.
    """
    single = torch.tensor(3)
    for refused in (lambda: len(single), lambda: list(single)):
        with pytest.raises(TypeError):
            refused()
    assert single.reshape(-1).tolist() == [3]
    unit = torch.randn(5, 3)
    with pytest.raises(RuntimeError):
        torch.mm(unit[torch.zeros(2, 2, dtype=torch.int64)], unit.T)
    assert (unit[torch.zeros(2, 2, dtype=torch.int64)] @ unit.T).shape == (2, 2, 5)


def test_division_in_place():
    """exercise18/normalized_in_place: `/=` and `.detach()` reach the caller's table."""
    weight = torch.tensor([[3.0, 4.0]], requires_grad=True)
    unit = weight.detach()
    unit /= 5
    assert torch.allclose(weight.detach(), torch.tensor([[0.6, 0.8]]))


def test_trained_table():
    """exercise17, exercise18: in words.txt, words that occur in similar contexts are near.

    The table is small: its file has less than 200 kB.
    """
    words, rows = [], []
    for line in WORDS.read_text("utf-8").splitlines():
        word, *numbers = line.split()
        words.append(word)
        rows.append([float(number) for number in numbers])
    assert WORDS.stat().st_size < 200_000 and len(set(words)) == len(words)

    asked = {"king": "queen", "cat": "dog", "plum": "apple", "june": "august", "violin": "piano"}
    ids = torch.tensor([words.index(word) for word in asked])
    found = solution("exercise18", "nearest")(torch.tensor(rows), ids, 8).tolist()
    for (word, near), ranked in zip(asked.items(), found, strict=True):
        assert near in [words[number] for number in ranked], word


@pytest.mark.slow
def test_table_is_what_the_script_trains():
    """exercise18: docs/words/train.py makes words.txt from sentences.txt."""
    script = runpy.run_path(str(ROOT / "docs" / "words" / "train.py"))
    threads = torch.get_num_threads()
    words, table = script["trained"]()
    torch.set_num_threads(threads)
    known, rows = script["read"]()
    assert words == known
    assert torch.allclose(table.float(), rows, atol=1e-3)
