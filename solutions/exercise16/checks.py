"""Hidden checks of exercise 16.

The rows of words without a vector are random. So most checks read rows of words with a vector, and
the probes seed PyTorch, so that a wrong solution does the same each time.
"""

from typing import Any

import torch
from torch import nn

from grader.checks import assert_close, assert_equal, assert_shape, distinct_sizes, pairwise

# Words that are alike in some way, but different texts.
ALIKE = ["Cat", "cat", "CAT", "cat ", "new york", "", "naïve", "<unk>", "0", "1"]

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
COMBINATIONS = tuple(
    pairwise(
        place=(None, 0, "last"),
        options=((), (True,), (False,)),
        known=("all", "some", "none"),
        pad_has_vector=(True, False),
        count=(5, 1),
        dim=(3, 1),
    )
)


def some_words(rng, count):
    """Different words in random order."""
    numbers = torch.randperm(1000, generator=rng)[:count]
    return [f"word{number}" for number in numbers.tolist()]


def vectors_of(rng, words, dim, dtype=torch.float32):
    """Random vectors of these words, in another order, and of words that are in no vocabulary."""
    order = torch.randperm(len(words), generator=rng).tolist()
    names = ["first other", *(words[place] for place in order), "last other"]
    return {name: torch.randn(dim, generator=rng, dtype=torch.float64).to(dtype) for name in names}


def table_of(words, vectors):
    """The rows that these words should have, in this order, in float32; <pad> has zeros."""
    (zeros, *_) = (torch.zeros(len(vector)) for vector in vectors.values())
    return torch.stack([zeros if word == "<pad>" else vectors[word].float() for word in words])


def looked_up(learner, words, vectors, dim, options, idx) -> torch.Tensor:
    """Called pretrained(words, vectors, dim, *options), and then the layer on idx."""
    torch.default_generator.manual_seed(0)
    return learner.pretrained(words, vectors, dim, *options)(idx).detach()


def check_rows(learner, rng, words, vectors, dim, *options):
    """Compare the rows of the words that have a vector, in random order."""
    known = torch.tensor([number for number, word in enumerate(words) if word in vectors])
    idx = known[torch.randperm(len(known), generator=rng)]
    found = learner.run(looked_up, words, vectors, dim, options, idx)
    expected = table_of([words[number] for number in idx.tolist()], vectors)
    assert_close(found, expected, "what the layer returns for words with a vector")


def test_known(learner, rng):
    """Each word has the vector of its own name, whatever the order of the dictionary is."""
    num, dim = distinct_sizes(rng, 2, low=4, high=9)
    words = some_words(rng, num)
    vectors = vectors_of(rng, words, dim)
    check_rows(learner, rng, words, vectors, dim)
    # The dictionary has as many words as the vocabulary, but in place of one it has others.
    check_rows(learner, rng, [words[-1], "unknown", *words[:-1]], vectors, dim, False)
    # Words that differ in case or spaces, and more words than an 8-bit number counts.
    check_rows(learner, rng, ALIKE, vectors_of(rng, ALIKE, dim), dim)
    words = some_words(rng, 300)
    check_rows(learner, rng, words, vectors_of(rng, words[250:], 1), 1, True)
    check_rows(learner, rng, ["one"], vectors_of(rng, ["one"], dim), dim)


def rows_twice(learner, words, vectors, dim, idx) -> tuple[torch.Tensor, torch.Tensor]:
    """Called pretrained(words, vectors, dim) twice, and then both layers on idx."""
    torch.default_generator.manual_seed(0)
    first, second = (learner.pretrained(words, vectors, dim) for _ in range(2))
    return first(idx).detach(), second(idx).detach()


def test_unknown(learner, rng):
    """Words without a vector have rows that differ from each other, and in each call.

    There may be hundreds of words and no vectors at all, or one of a word that stands for unknown
    ones elsewhere, or equal ones of words in another spelling, or a single number. The last two
    have no spread.
    """
    num, most = distinct_sizes(rng, 2, low=5, high=9)
    words = some_words(rng, num)
    for names, known, dim in (
        (words, [*words[1:3], "<unk>"], most),
        (some_words(rng, 300), [], most),
        (ALIKE, ["cat", "0", "nai\u0308ve"], most),
        (words, words[:1], 1),
    ):
        vectors = vectors_of(rng, known, dim)
        if not known:
            vectors = {}
        elif names is ALIKE:
            vectors = dict.fromkeys(vectors, torch.full((dim,), 1000.0))
        if dim == 1:
            vectors = {words[0]: vectors[words[0]]}
        idx = torch.tensor([place for place, name in enumerate(names) if name not in known])
        found = learner.run(rows_twice, names, vectors, dim, idx)
        for rows in found:
            assert_shape(rows, (len(idx), dim), "the rows of words without a vector")
        rows = torch.cat(found).double()
        finite = bool(rows.isfinite().all())
        assert_equal(finite, True, "whether the rows of words without a vector are finite")
        what = f"the number of different rows in two calls for {len(idx)} words without a vector"
        assert_equal(len(rows.unique(dim=0)), len(rows), what)
        # Two random float32 numbers may be equal, with a probability of up to 6e-8. One in ten
        # never are.
        share = len(rows.unique()) / rows.numel()
        what = "whether the numbers of these rows differ from each other"
        assert_equal(share > 0.9, True, what)


def built(learner, words, vectors, dim, options) -> dict:
    """Called pretrained(words, vectors, dim, *options). Returns facts about the layer."""
    torch.default_generator.manual_seed(0)
    layer = learner.pretrained(words, vectors, dim, *options)
    return {
        "is an nn.Embedding": isinstance(layer, nn.Embedding),
        "num_embeddings": layer.num_embeddings,
        "embedding_dim": layer.embedding_dim,
        "padding_idx": layer.padding_idx,
        "shape of weight": tuple(layer.weight.shape),
        "weight is a Parameter": isinstance(layer.weight, nn.Parameter),
        "names of Parameters": [name for name, _ in layer.named_parameters()],
        "names in state_dict()": list(layer.state_dict()),
    }


def gradient(learner, words, vectors, dim, options, idx, output_gradient) -> tuple[Any, Any, Any]:
    """Called pretrained(words, vectors, dim, *options), and sent output_gradient back.

    Returns what the layer returned, the gradient of its weight, and its padding_idx.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.pretrained(words, vectors, dim, *options)
    rows = layer(idx)
    if rows.requires_grad:
        (rows * output_gradient).sum().backward()
    return rows.detach(), layer.weight.grad, layer.padding_idx


def frozen_as(options):
    """How the call set ``frozen``, for a message."""
    return f"with frozen={options[0]}" if options else "with the default of frozen"


def expected_gradient(num, idx, output_gradient, pad=None):
    """The gradient of the table: the sum over the uses of each row, and none for the padding."""
    total = torch.zeros(num, output_gradient.shape[-1]).index_add(0, idx, output_gradient)
    if pad is not None:
        total[pad] = 0
    return total


def test_padding(learner, rng):
    """<pad> may be the first word, the last, another one, or absent; it may have a vector.

    This vector may be infinite. Words that only look like <pad> are words.
    """
    dim = 3
    for place, frozen in ((5, False), (2, True), (0, False), (None, True)):
        words = ["<PAD>", "<pad>2", *some_words(rng, 1), "[PAD]", "pad"]
        vectors = vectors_of(rng, words, dim)
        if place != 5:
            vectors["<pad>"] = torch.full((dim,), torch.inf)
        if place is not None:
            words.insert(place, "<pad>")

        idx = torch.randperm(len(words), generator=rng).repeat(2)
        output_gradient = torch.randn(len(idx), dim, generator=rng)
        rows, grad, pad = learner.run(
            gradient, words, vectors, dim, (frozen,), idx, output_gradient
        )
        if place is not None:
            zeros = torch.zeros(2, dim)
            assert_equal(rows[idx == place], zeros, "the row of <pad>, which was looked up twice")
        assert_close(rows, table_of(words, vectors)[idx], "what the layer returns")
        assert_equal(pad, place, f"padding_idx, if the id of <pad> is {place}")
        wanted = expected_gradient(len(words), idx, output_gradient, place)
        # Whether a gradient arrives is judged by `frozen`.
        if grad is not None and not frozen:
            assert_close(grad, wanted, "the gradient of the weight")


def test_frozen(learner, rng):
    """By default and with True, no gradient arrives; with False, it arrives at all rows."""
    num, dim = distinct_sizes(rng, 2, low=4, high=9)
    words = some_words(rng, num)
    # One word has no vector: its random row can be trained, too.
    vectors = vectors_of(rng, words[1:], dim)
    idx = torch.randperm(num, generator=rng).repeat(2)
    output_gradient = torch.randn(2 * num, dim, generator=rng)
    for options in ((False,), (True,), ()):
        _, grad, _ = learner.run(gradient, words, vectors, dim, options, idx, output_gradient)
        wanted = None if options != (False,) else expected_gradient(num, idx, output_gradient)
        assert_close(grad, wanted, f"the gradient of the weight, {frozen_as(options)}")


def test_combinations(learner, rng):
    """Each two properties of the inputs occur together. The vectors have all dtypes."""
    for case in COMBINATIONS:
        words, dim = some_words(rng, case["count"]), case["dim"]
        known = {"all": words, "some": words[::2], "none": []}[case["known"]]
        names = [*known, "<pad>"] if case["pad_has_vector"] else known
        vectors = vectors_of(rng, names, dim) if names else {}
        for number, name in enumerate(vectors):
            vectors[name] = vectors[name].to(DTYPES[number % 4])
        place = case["place"] if case["place"] != "last" else len(words)
        if place is not None:
            words.insert(place, "<pad>")

        idx = torch.randperm(len(words), generator=rng).repeat(2)
        output_gradient = torch.randn(len(idx), dim, generator=rng)
        given = (words, vectors, dim, case["options"], idx, output_gradient)
        rows, grad, pad = learner.run(gradient, *given)
        assert_shape(rows, (len(idx), dim), "what the layer returns")
        assert_equal(rows.dtype, torch.float32, "the dtype of the rows")
        is_unknown = torch.tensor([word not in vectors and word != "<pad>" for word in words])
        finite = bool(rows.isfinite().all())
        assert_equal(finite, True, "whether the rows are finite")
        expected = rows.clone()
        for number, word in enumerate(words):
            if not is_unknown[number]:
                row = torch.zeros(dim) if word == "<pad>" else vectors[word].float()
                expected[idx == number] = row
        assert_close(rows, expected, "what the layer returns")
        assert_equal(pad, place, f"padding_idx, if the id of <pad> is {place}")
        wanted = None
        if case["options"] == (False,):
            wanted = expected_gradient(len(words), idx, output_gradient, place)
        assert_close(grad, wanted, f"the gradient of the weight, {frozen_as(case['options'])}")


def changed(learner, words, names, whole, frozen, idx) -> tuple:
    """Made vectors of the rows of a table, and called pretrained(words, vectors, dim, frozen).

    That was under torch.no_grad(). Read words and the names in vectors, and whether autograd was
    on. Wrote 7 into each vector and called the layer on idx. Then wrote 5 into the layer's weight.
    Returns what was read, what the layer returned, and the numbers in vectors.
    """
    torch.default_generator.manual_seed(0)
    vectors = dict(zip(names, whole.clone().unbind(), strict=True))
    with torch.no_grad():
        layer = learner.pretrained(words, vectors, whole.shape[1], frozen)
        read = list(words), list(vectors), torch.is_grad_enabled()
    for vector in vectors.values():
        vector.fill_(7)
    rows = layer(idx).detach().clone()
    with torch.no_grad():
        layer.weight.fill_(5)
    return *read, rows, torch.stack(list(vectors.values()))


def default_dtype(learner, words, vectors, dim) -> str:
    """Called pretrained(words, vectors, dim) while torch's default dtype was float64.

    Returns the default dtype afterwards.
    """
    torch.set_default_dtype(torch.float64)
    try:
        learner.pretrained(words, vectors, dim)
    except Exception:
        # The other checks report errors, and float32 is only promised for the usual default.
        return "torch.float64"
    finally:
        found = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
    return str(found)


def test_own_memory(learner, rng):
    """The layer and the vectors do not change each other.

    There may be a single word, and a view of its vector would be a table. The vectors are rows of
    one table. The grader itself compares the inputs of each call.
    """
    for count, dim, others in ((1, 4, []), (4, 3, []), (5, 4, ["unknown", "<pad>"])):
        names = some_words(rng, count)
        words = [*names, *others]
        whole = torch.randn(count, dim, generator=rng)
        idx = torch.randperm(count, generator=rng)
        found = learner.run(changed, words, names, whole, not others, idx)
        assert_equal(found[0], words, "words after the call")
        assert_equal(found[1], names, "the words in vectors after the call")
        assert_equal(found[2], False, "whether autograd is on after a call under torch.no_grad()")
        assert_equal(found[3], whole[idx], "what the layer returns after a change of vectors")
        assert_equal(found[4], torch.full((count, dim), 7.0), "vectors after a change of the layer")

    words = some_words(rng, 4)
    found = learner.run(default_dtype, words, vectors_of(rng, words[1:], 3), 3)
    what = "torch's default dtype after a call, if it was torch.float64 before"
    assert_equal(found, "torch.float64", what)


def test_layer(learner, rng):
    """The layer knows its sizes, and looks up ids of any shape."""
    for frozen in (True, False):
        num, dim = distinct_sizes(rng, 2, low=4, high=9)
        words = some_words(rng, num)
        vectors = vectors_of(rng, words, dim)
        expected = {
            "is an nn.Embedding": True,
            "num_embeddings": num,
            "embedding_dim": dim,
            "padding_idx": None,
            "shape of weight": (num, dim),
            "weight is a Parameter": True,
            "names of Parameters": ["weight"],
            "names in state_dict()": ["weight"],
        }
        found = learner.run(built, words, vectors, dim, (frozen,))
        assert_equal(found, expected, "the properties of the layer")
    for shape in ((), (2, 3), (0,)):
        idx = torch.randint(num, shape, generator=rng)
        rows = learner.run(looked_up, words, vectors, dim, (), idx)
        assert_close(rows, table_of(words, vectors)[idx], "what the layer returns")


def test_dtype(learner, rng):
    """Vectors of other dtypes become float32. The dtypes may differ from word to word.

    NumPy has no bfloat16. One vector is very long, one is infinite, and one is zero.
    """
    dim = 4
    words = some_words(rng, 5)
    for dtype in (torch.float64, torch.float16):
        vectors = vectors_of(rng, words, dim, dtype)
        if dtype is torch.float16:
            vectors[words[0]][0] = torch.inf
            vectors[words[1]] = vectors[words[1]].double() / 3
            vectors[words[2]] = vectors[words[2]].bfloat16()
        else:
            vectors[words[1]] *= 1e5
            vectors[words[2]].zero_()
        idx = torch.randperm(5, generator=rng)
        found = learner.run(looked_up, words, vectors, dim, (), idx)
        assert_equal(getattr(found, "dtype", None), torch.float32, "the dtype of the rows")
        assert_close(found, table_of(words, vectors)[idx], "what the layer returns")

    # Among so many random numbers, those of bfloat16 repeat.
    vectors = vectors_of(rng, words[1:], 1000, torch.bfloat16)
    found = learner.run(looked_up, words, vectors, 1000, (), torch.tensor([0]))
    assert_shape(found, (1, 1000), "the row of a word without a vector")
    what = "whether the random numbers of a row differ, if the vectors are bfloat16"
    assert_equal(len(found.unique()) > 900, True, what)


def train(learner, words, vectors, dim, frozen, batches, lr) -> torch.Tensor:
    """Called pretrained(words, vectors, dim, frozen), and trained what can be trained with SGD.

    Took one step with learning rate lr per pair of ids and a gradient for what the layer returns.
    Returns the weight.
    """
    torch.default_generator.manual_seed(0)
    layer = learner.pretrained(words, vectors, dim, frozen)
    for idx, output_gradient in batches:
        rows = layer(idx)
        if rows.requires_grad:
            layer.zero_grad()
            (rows * output_gradient).sum().backward()
        with torch.no_grad():
            for parameter in layer.parameters():
                if parameter.grad is not None:
                    parameter -= lr * parameter.grad
    return layer.weight.detach()


def test_training(learner, rng):
    """Some steps move the rows by their gradients, but neither a frozen table nor <pad>."""
    dim, lr = 3, 0.5 + float(torch.rand((), generator=rng))
    for frozen in (False, True):
        words = some_words(rng, 5)
        vectors = vectors_of(rng, words, dim)
        words.insert(2, "<pad>")
        expected = table_of(words, vectors)
        batches = []
        for _ in range(3):
            idx = torch.randint(6, (7,), generator=rng)
            output_gradient = torch.randn(7, dim, generator=rng)
            batches.append((idx, output_gradient))
            if not frozen:
                expected -= lr * expected_gradient(6, idx, output_gradient, 2)
        found = learner.run(train, words, vectors, dim, frozen, batches, lr)
        assert_close(found, expected, f"the weight after training with frozen={frozen}")
