"""Facts about the rows of a tensor that differs from the expected one."""

from typing import Final

import torch

from grader.examiner.facts import Fact, Pair, are_rows, as_float64

ROW_REPEATED: Final = "one_row_repeated"
MANY_ROWS: Final = 3
"""Fewer rows of a result can be the same by chance."""
# So many numbers of a list are shown.
_SHOWN_FACTORS: Final = 4
# More comparisons than this take too long.
_MOST_COMPARED: Final = 1_000_000


def columns(pair: Pair) -> Fact | None:
    """Columns of a table that is an argument, for ids that should name rows."""
    for name, table in pair.tensors():
        if not table.is_floating_point() or table.dim() != 2:
            continue
        for ids_name, ids in pair.tensors():
            if not are_rows(ids, min(table.shape)):
                continue
            columns = ids.long()
            if not pair.same(table[columns], pair.expected):
                continue
            if pair.same(table[:, columns], pair.actual):
                sentence = (
                    f"{pair.what} is `{name}[:, {ids_name}]`: columns of `{name}`. "
                    f"The rows that `{ids_name}` names are expected."
                )
                return Fact("columns", sentence)

    return None


def neighbor_rows(pair: Pair) -> Fact | None:
    """Rows of a table that is an argument: each id gives the row before or after its own."""
    for name, table in pair.tensors():
        # With two rows, the row before and the row after are the same.
        if not table.is_floating_point() or table.dim() != 2 or len(table) < 3:
            continue
        for ids_name, ids in pair.tensors():
            if not are_rows(ids, len(table)):
                continue
            rows = ids.long()
            if not pair.same(table[rows], pair.expected):
                continue
            word = ""
            if pair.same(table[(rows + 1) % len(table)], pair.actual):
                word = "after"
            elif not pair.rehearsed and pair.same(table[rows - 1], pair.actual):
                word = "before"
            if word:
                sentence = f"Each id in `{ids_name}` gives the row of `{name}` {word} its own row."
                return Fact("shifted_by_one", sentence)

    return None


def shifted(pair: Pair) -> Fact | None:
    """Every row is where its neighbor should be."""
    actual, expected = pair.actual, pair.expected
    if not actual.dim() or len(actual) < 3:
        return None
    # The rows of a remembered result are rolled, and sorted rows can look so: none of them is lost.
    if pair.rehearsed:
        for end, other in ((actual[0], expected[-1]), (actual[-1], expected[0])):
            if pair.same(end, other):
                return None
    # Rows that repeat can look shifted by chance.
    if _different_rows(expected) < 3:
        return None

    name = "shifted_by_one"
    if pair.same(actual[1:], expected[:-1]):
        return Fact(name, f"The rows of {pair.lower_what} are one place too low.")
    if pair.same(actual[:-1], expected[1:]):
        return Fact(name, f"The rows of {pair.lower_what} are one place too high.")
    return None


def of_rehearsal(pair: Pair) -> Fact | None:
    """The right result for the rolled arguments of the calls before."""
    if not pair.rehearsed:
        return None
    for dim, size in enumerate(pair.expected.shape):
        # Of two rows, exchanged ones are no evidence, and equal rows can be rolled by chance.
        if size < 3 or _different_rows(pair.expected.movedim(dim, 0)) < 3:
            continue
        if pair.same(pair.actual, pair.expected.roll(1, dim)):
            sentence = (
                f"{pair.what} is the expected one for arguments whose numbers are rolled by one "
                "place. The grader called your function with such arguments first: does your code "
                "return the result of an earlier call?"
            )
            return Fact("earlier_result", sentence)
    return None


def other_rows(pair: Pair) -> Fact | None:
    """Rows of a table that is an argument, but not the expected ones."""
    for name, table in pair.tensors():
        mine = _numbers_of_rows(pair.actual, table)
        wanted = _numbers_of_rows(pair.expected, table)
        if mine is None or wanted is None:
            continue
        places = mine.flatten().ne(wanted.flatten()).nonzero()
        if not len(places):
            continue
        first = int(places[0])
        place = [int(each) for each in torch.unravel_index(torch.tensor(first), mine.shape)]
        sentence = (
            f"{pair.what} consists of rows of `{name}`, but of wrong ones: "
            f"at {place}, it has row {int(mine.flatten()[first])} "
            f"in place of row {int(wanted.flatten()[first])}."
        )
        return Fact("other_rows", sentence)

    return None


def _numbers_of_rows(tensor: torch.Tensor, table: torch.Tensor) -> torch.Tensor | None:
    """For each vector in the last dimension, the row of ``table`` that is equal to it.

    None if a vector is no row, or if several rows are equal to it.
    """
    if not table.is_floating_point() or table.dim() != 2 or tensor.dim() < 2:
        return None
    # In a table of one column, two rows are equal more easily.
    if len(table) < 3 or table.shape[1] < 2 or tensor.shape[-1] != table.shape[1]:
        return None
    if tensor.numel() * len(table) > _MOST_COMPARED:
        return None
    equal = as_float64(tensor).unsqueeze(-2) == as_float64(table)
    is_row = equal.all(-1)
    if not (is_row.sum(-1) == 1).all():
        return None
    return is_row.int().argmax(-1)


def _different_rows(tensor: torch.Tensor) -> int:
    rows = set()
    for row in tensor:
        numbers = row.flatten().tolist()
        rows.add(tuple(numbers))
    return len(rows)


def averaged(pair: Pair) -> Fact | None:
    """Rows that are divided by how often an argument names them."""
    actual = as_float64(pair.actual)
    # One number for each row, with a dimension for each dimension of the result.
    shape = [-1] + [1] * (actual.dim() - 1)
    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(actual))
        # Without a repeated id, a division by the counts changes nothing.
        if counts.max() < 2:
            continue
        # A row whose id does not occur is not divided.
        divisors = counts.clamp(min=1).reshape(shape)
        if pair.same(actual * divisors, pair.expected):
            sentence = (
                f"Each row of {pair.lower_what} is the expected one divided by "
                f"how often its id occurs in `{name}`."
            )
            return Fact("repeats_averaged", sentence)

    return None


def repeats_lost(pair: Pair) -> Fact | None:
    """Exactly the rows of repeated ids differ."""
    wrong = _wrong_rows(pair)
    if not wrong.any() or wrong.all():
        return None

    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(pair.expected))
        is_repeated = counts > 1
        if not wrong.equal(is_repeated):
            continue
        rows = wrong.nonzero().flatten().tolist()
        if len(rows) > 1:
            sentence = (
                f"Rows {listed(rows)} of {pair.lower_what} differ. Their ids occur "
                f"more than once in `{name}`. All rows of other ids are right."
            )
            return Fact("repeats_differ", sentence)

        # A row of zeros lacks all gradients of its id, not only repeated ones.
        [row] = rows
        if pair.actual[row].any():
            sentence = (
                f"Only row {row} of {pair.lower_what} differs. Its id is the only one that occurs "
                f"more than once in `{name}`."
            )
            return Fact("repeats_differ", sentence)

    return None


def _wrong_rows(pair: Pair) -> torch.Tensor:
    """Which rows differ; a vector of bool."""
    if not pair.expected.dim():
        return torch.ones(0, dtype=torch.bool)
    rows = zip(pair.actual, pair.expected, strict=True)
    return torch.tensor([not pair.same(one, other) for one, other in rows])


def listed(numbers: list[int]) -> str:
    """Return the first six numbers as text."""
    shown = ", ".join(map(str, numbers[:6]))
    return shown if len(numbers) <= 6 else f"{shown}, …"


def some_rows(pair: Pair) -> Fact | None:
    """One row differs and at least two are right."""
    wrong = _wrong_rows(pair)
    if int(wrong.sum()) != 1 or len(wrong) < 3:
        return None

    row = int(wrong.nonzero()[0])
    sentence = f"Only row {row} of {pair.lower_what} differs."
    if row == len(wrong) - 1:
        sentence = f"Only the last row of {pair.lower_what} differs."
    for name, value in pair.given.items():
        if isinstance(value, bool) or not isinstance(value, int):
            continue
        # This number may be meant as a size.
        if value in pair.expected.shape:
            continue
        # An index such as -1 counts from the end.
        if value % len(wrong) == row:
            sentence = f"Only row {row} of {pair.lower_what} differs, the row of `{name}`."

    if pair.actual.dtype is not torch.bool:
        if not pair.actual[row].any():
            sentence += " It is zero."
        elif not pair.expected[row].any():
            sentence += " It should be zero."

    return Fact("one_row", sentence)


def row_repeated(pair: Pair) -> Fact | None:
    """All rows are the same one, which the expected rows are not."""
    if pair.actual.dim() < 2 or pair.actual.dtype is torch.bool:
        return None
    rows = pair.actual.flatten(0, -2)
    expected = pair.expected.flatten(0, -2)
    if len(rows) < 2 or not has_one_row(rows) or has_one_row(expected):
        return None
    return Fact(ROW_REPEATED, f"All rows of {pair.lower_what} are the same.")


def has_one_row(table: torch.Tensor) -> bool:
    """Whether all rows of a table with at least one row are the same."""
    return bool((table == table[0]).all())


def rows_scaled(pair: Pair) -> Fact | None:
    """Each row is multiplied by a number of its own."""
    if pair.expected.dim() < 2 or pair.expected.shape[-1] < 2:
        return None
    actual = as_float64(pair.actual).flatten(0, -2)
    expected = as_float64(pair.expected).flatten(0, -2)
    if not actual.isfinite().all() or not expected.isfinite().all():
        return None

    factors = []
    for mine, wanted in zip(actual, expected, strict=True):
        # A row with a single number is a multiple of any other such row.
        if wanted.count_nonzero() < 2:
            return None
        place = wanted.abs().argmax()
        factor = float(mine[place] / wanted[place])
        if not pair.same(mine, factor * wanted):
            return None
        factors.append(factor)

    if len(set(factors)) < 2:
        return None
    found = torch.tensor(factors, dtype=torch.float64)
    for name, value in pair.tensors():
        if value.numel() == len(factors) and pair.same(found, value.flatten()):
            sentence = (
                f"Each row of {pair.lower_what} is the expected one times its number in `{name}`."
            )
            return Fact("rows_scaled", sentence)
    # Rows of zeros can have any reason.
    if 0 in factors:
        return None
    shown = ", ".join(f"{factor:.4g}" for factor in factors[:_SHOWN_FACTORS])
    if len(factors) > _SHOWN_FACTORS:
        shown += ", …"
    sentence = f"Each row of {pair.lower_what} is a multiple of the expected one. Factors: {shown}"
    return Fact("rows_scaled", sentence)
