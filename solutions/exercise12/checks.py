"""Hidden checks of exercise 12. The oracle is one tensor and its products, without any layer."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, noncontiguous, pairwise

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        # Such a tensor is always contiguous.
        without=({"shape": (), "arrange": noncontiguous},),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (1, 1), (300, 2), (3, 3)),
        origin=("copy_", "load_state_dict", "deepcopy"),
        arrange=(torch.clone, noncontiguous),
        training=(True, False),
        trained=(True, False),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """A random weight of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def whole(rng, num, dim, dtype=torch.float32):
    """A weight of whole numbers up to 40. Its scores are large, and exact in float32."""
    return torch.randint(-40, 41, (num, dim), generator=rng).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def strided(tensor):
    """The same numbers in a tensor that is not contiguous: transposed, or every second of a list.

    A tensor without dimensions stays as it is.
    """
    if tensor.dim() > 1:
        return tensor.mT.contiguous().mT
    return torch.stack([tensor, tensor], -1)[..., 0]


def seed_from(rng):
    """A seed for the random numbers that a model starts with."""
    return int(torch.randint(2**31, (), generator=rng))


def scores(weight, idx):
    """The dot products of each looked-up row with all rows, computed in float64."""
    rows = weight.double()[idx]
    return torch.einsum("...d,nd->...n", rows, weight.double()).to(weight.dtype)


def parts(learner, num, dim) -> dict:
    """Built TiedModel(num, dim) while torch's default dtype was float64.

    Read embedding, projection and the default dtype.
    """
    torch.default_generator.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    model = learner.TiedModel(num, dim)
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    return {
        "torch's default dtype": dtype,
        "embedding is an nn.Embedding": isinstance(model.embedding, nn.Embedding),
        "embedding.num_embeddings": model.embedding.num_embeddings,
        "embedding.embedding_dim": model.embedding.embedding_dim,
        "embedding.sparse": model.embedding.sparse,
        "projection is an nn.Linear": isinstance(model.projection, nn.Linear),
        "projection.in_features": model.projection.in_features,
        "projection.out_features": model.projection.out_features,
        "projection.bias": model.projection.bias,
    }


def new_weights(learner, num, dim, seed) -> tuple[torch.Tensor, torch.Tensor]:
    """Set the seed, built TiedModel(num, dim) twice, and read embedding.weight of both."""
    torch.default_generator.manual_seed(seed)
    first, second = learner.TiedModel(num, dim), learner.TiedModel(num, dim)
    return first.embedding.weight.detach(), second.embedding.weight.detach()


def test_parts(learner, rng):
    """Both layers have the right type and report the right sizes; new weights are random."""
    for num, dim in ((7, 3), (4, 6), (5, 5)):
        expected = {
            "torch's default dtype": torch.float64,
            "embedding is an nn.Embedding": True,
            "embedding.num_embeddings": num,
            "embedding.embedding_dim": dim,
            # Many optimizers refuse the gradient of a sparse embedding.
            "embedding.sparse": False,
            "projection is an nn.Linear": True,
            "projection.in_features": dim,
            "projection.out_features": num,
            "projection.bias": None,
        }
        assert_equal(learner.run(parts, num, dim), expected, "the types and sizes of the layers")

    first, second = learner.run(new_weights, 7, 3, seed_from(rng))
    is_same = torch.equal(first, second)
    assert_equal(is_same, False, "whether two new models have the same weight")
    what = "the number of different rows in a new weight with 7 rows"
    assert_equal(len(first.unique(dim=0)), 7, what)


def answer(learner, weight, idx, training) -> torch.Tensor:
    """Built TiedModel(*weight.shape), converted it to weight.dtype, copied weight into both layers.

    Filled the projection's bias, if there is one, with zeros. Then called train(training) and
    called the model on idx.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(idx.device, weight.dtype)
    model.train(training)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.zero_()
    return model(idx).detach()


def answers(learner, weights, idx) -> list:
    """Built two models, copied weights[0] into one and weights[1] into the other, and called both.

    Each weight was copied into weight.data of both layers.

    Copied weights[2] into the first one, and called it in eval mode and then under no_grad. Then
    copied weights[3] into it and called it again, still under no_grad.
    """
    torch.default_generator.manual_seed(0)
    models = [learner.TiedModel(*weights[0].shape).to(idx.device) for _ in range(2)]

    def fill(model, weight):
        # PyTorch does not count such a change as a new version of the weight.
        for layer in (model.projection, model.embedding):
            layer.weight.data.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.data.zero_()

    fill(models[0], weights[0])
    fill(models[1], weights[1])
    results = [models[0](idx), models[1](idx)]
    fill(models[0], weights[2])
    models[0].eval()
    results.append(models[0](idx))
    with torch.no_grad():
        results.append(models[0](idx))
        fill(models[0], weights[3])
        results.append(models[0](idx))
    return [result.detach() for result in results]


def test_scores(learner, rng, device):
    """The scores are right for ids in any order, of any size and in any dtype, in every mode.

    One row that no id names holds infinity, which spoils only the scores of its own id. Some scores
    in float16 are infinite.
    """
    for weight, below, shape in (
        (table(rng, 7, 4), 5, (6,)),
        (table(rng, 5, 8), 5, (7,)),
        # float32 cannot hold these scores.
        (2.0**70 * table(rng, 6, 1, torch.float64), 4, (3,)),
        (table(rng, 6, 1, torch.bfloat16), 6, (8,)),
        (1000 * table(rng, 8, 1, torch.float16), 6, (5,)),
        (whole(rng, 262, 3), 262, (259,)),
        (whole(rng, 4, 4, torch.float64), 4, (4,)),
        (whole(rng, 1, 1030), 1, (2,)),
        # The sizes of the statement's example.
        (whole(rng, 2, 2), 2, (1,)),
    ):
        if below < len(weight) and weight.dtype is torch.float32:
            weight[below, 0] = math.inf
        idx = ids(rng, below, *shape)
        found = learner.run(answer, weight.to(device), strided(idx).to(device), True)
        assert_close(found, scores(weight, idx))

    weights, idx = [whole(rng, 6, 3) for _ in range(4)], ids(rng, 6, 8)
    sent = [weight.to(device) for weight in weights]
    found = learner.run(answers, sent, idx.to(device))
    expected = [scores(weights[which], idx) for which in (0, 1, 2, 2, 3)]
    what = "the list of scores of two models, in train mode, in eval mode and under no_grad"
    assert_close(found, expected, what)


def test_any_shape(learner, rng, device):
    """Ids of any shape, 0-d and empty included, get the right scores in train and eval mode."""
    for num, dim, shape, training in (
        (7, 4, (3, 3), False),
        (8, 3, (2, 1), True),
        (7, 3, (1, 4), True),
        (6, 4, (), True),
        (5, 4, (3, 0), True),
        (9, 2, (2, 1, 2, 1, 3), True),
        (2, 1, (2, 5150), True),
    ):
        # Without ids, the dtype comes from the weight alone.
        dtype = torch.bfloat16 if 0 in shape else torch.float32
        weight, idx = table(rng, num, dim, dtype), ids(rng, num, *shape)
        result = learner.run(answer, weight.to(device), idx.to(device), training)
        assert_shape(result, (*shape, num), "the scores")
        assert_close(result, scores(weight, idx), "the scores")


SHARED = {
    "embedding.weight is a Parameter": True,
    "embedding.weight is trained": True,
    "projection.weight is embedding.weight": True,
    "number of Parameters": 1,
}


def shared(learner, num, dim) -> dict:
    """Built TiedModel(num, dim) and read the weights of its two layers."""
    model = learner.TiedModel(num, dim)
    return {
        "embedding.weight is a Parameter": isinstance(model.embedding.weight, nn.Parameter),
        "embedding.weight is trained": model.embedding.weight.requires_grad,
        "projection.weight is embedding.weight": model.projection.weight is model.embedding.weight,
        "number of Parameters": len(list(model.parameters())),
    }


def written(learner, first, second, idx) -> tuple[torch.Tensor, ...]:
    """Built TiedModel(*first.shape), copied first into projection.weight, and called it on idx.

    Then copied second into embedding.weight, read projection.weight, and called the model again.
    Returns both scores and what was read.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*first.shape).to(idx.device)
    if getattr(model.projection, "bias", None) is not None:
        with torch.no_grad():
            model.projection.bias.zero_()
    with torch.no_grad():
        model.projection.weight.copy_(first)
        scores = model(idx).clone()
        model.embedding.weight.copy_(second)
        return scores, model.projection.weight.detach().clone(), model(idx).clone()


def test_one_parameter(learner, rng, device):
    """Numbers that are written into one layer change the other one and the scores."""
    for num, dim in ((7, 3), (4, 6)):
        first, second, idx = table(rng, num, dim), table(rng, num, dim), ids(rng, num, 9)
        sent = [tensor.to(device) for tensor in (first, second, idx)]
        scores_first, weight, scores_second = learner.run(written, *sent)
        what = "what the model returns after a new projection.weight"
        assert_close(scores_first, scores(first, idx), what)
        assert_equal(weight, second, "projection.weight after a new embedding.weight")
        what = "what the model returns after a new embedding.weight"
        assert_close(scores_second, scores(second, idx), what)
        assert_equal(learner.run(shared, num, dim), SHARED, "the properties of the weights")


def gradients(learner, weight, batches, training) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(*weight.shape), copied weight into it, and called train(training).

    Then called it on the ids of each batch, and called backward with the batch's other tensor as
    the gradient of the scores. Returns the gradients of embedding.weight and projection.weight.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.device)
    model.train(training)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    for idx, cotangent in batches:
        (model(idx) * cotangent).sum().backward()
    return model.embedding.weight.grad, model.projection.weight.grad


def expected_gradient(weight, batches):
    """The sum of both shares over all batches, computed by hand in float64."""
    dtype, weight = weight.dtype, weight.double()
    total = torch.zeros_like(weight)
    for idx, cotangent in batches:
        flat, pull = idx.flatten(), cotangent.double().reshape(-1, len(weight))
        total += pull.T @ weight[flat]
        total.index_add_(0, flat, pull @ weight)
    return total.to(dtype)


def test_gradient(learner, rng, device):
    """The gradient is the sum of both shares, for repeated and missing ids of any shape.

    Both layers report it, and the gradients of two batches add up. An infinite gradient of a score
    makes that of the id and that of the looked-up row infinite.
    """
    for num, dim, below, training, shapes in (
        (7, 4, 5, True, ((6,), (2, 4))),
        (5, 3, 5, False, ((8,), ())),
        (8, 4, 3, True, ((2, 1, 3), (1,))),
        (4, 4, 4, False, ((2, 2, 1, 2), (0,))),
    ):
        weight, batches = table(rng, num, dim), []
        for shape in shapes:
            cotangent = torch.randn(*shape, num, generator=rng)
            idx = ids(rng, below, *shape)
            if shape == (8,):
                cotangent[0, (idx[0] + 1) % num] = math.inf
            batches.append((idx, cotangent))
        sent = [(strided(idx).to(device), pull.to(device)) for idx, pull in batches]
        found = learner.run(gradients, weight.to(device), sent, training)
        expected = expected_gradient(weight, batches)
        assert_close(found[0], expected, "the gradient of embedding.weight")
        assert_close(found[1], expected, "the gradient of projection.weight")


def combined(learner, weight, idx, pull, origin, training) -> tuple:
    """Built TiedModel(*weight.shape), converted it to weight.dtype, and called train(training).

    Without pull, called requires_grad_(False), too. Loaded or copied weight into it, or into a
    deepcopy of it. Called this model on idx. Returns the scores, multiplied by 1 in place, the
    gradient that pull sends to the weight, and whether the model is in train mode and its weight
    requires a gradient.
    """
    import copy  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.device, weight.dtype)
    model.train(training).requires_grad_(pull is not None)
    if origin == "deepcopy":
        model = copy.deepcopy(model)
    if origin == "load_state_dict":
        state = {"embedding.weight": weight, "projection.weight": weight}
        model.load_state_dict(state, strict=False)
    with torch.no_grad():
        if origin != "load_state_dict":
            model.projection.weight.copy_(weight)
            model.embedding.weight.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.zero_()
    scores = model(idx)
    weight = model.embedding.weight
    if pull is not None:
        # Not backward(pull), for which PyTorch first imports sympy.
        (scores * pull).sum().backward()
    return scores.detach().mul_(1), weight.grad, model.training, weight.requires_grad


def test_combinations(learner, rng, device):
    """Each two properties of the ids and the model occur together, with and without gradients.

    Nearly all sums of these whole numbers are exact in 16 bits, too. A copy is frozen or in eval
    mode like its original. The scores can be written into, even if all ids are equal.
    """
    for case in COMBINATIONS:
        (num, dim), dtype = case["size"], case["dtype"]
        weight = torch.randint(-3, 4, (num, dim), generator=rng).to(dtype)
        if dtype is torch.float64:
            # float32 cannot hold these numbers.
            weight *= 1.1
        # Row 0, and some of the last rows, so that ids repeat in a large table, too.
        idx = num - 1 - torch.randint(min(num, 6), case["shape"], generator=rng)
        if idx.numel() > 1:
            idx.view(-1)[0] = 0
        pull = torch.randint(-1, 2, (*case["shape"], num), generator=rng).to(dtype)
        sent = [weight.to(device), case["arrange"](idx).to(device), None]
        if case["trained"]:
            sent[2] = pull.to(device)
        result, found, *state = learner.run(combined, *sent, case["origin"], case["training"])
        assert_close(result, scores(weight, idx), "the scores")
        what = "whether the model is in train mode, and whether its weight requires a gradient"
        assert_equal(state, [case["training"], case["trained"]], what)
        if case["trained"]:
            wanted = expected_gradient(weight, [(idx, pull)])
            assert_close(found, wanted, "the gradient of embedding.weight")


def train(learner, weight, batches, lr) -> tuple[torch.Tensor, torch.Tensor]:
    """Built TiedModel(*weight.shape), copied weight into it, and trained both weights with SGD.

    Took one step with learning rate lr per pair of ids and next ids; the loss was the cross
    entropy. A bias of the projection was filled with zeros and not trained.
    Returns both weights.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape).to(weight.device)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.zero_()
    for idx, following in batches:
        model.zero_grad()
        nn.functional.cross_entropy(model(idx), following).backward()
        with torch.no_grad():
            for parameter in {model.embedding.weight, model.projection.weight}:
                if parameter.grad is not None:
                    parameter -= lr * parameter.grad
    return model.embedding.weight.detach(), model.projection.weight.detach()


def trained(weight, batches, lr):
    """The same training with one tensor that is used twice."""
    weight = weight.clone()
    for idx, following in batches:
        leaf = weight.requires_grad_()
        loss = F.cross_entropy(F.embedding(idx, leaf) @ leaf.T, following)
        (step,) = torch.autograd.grad(loss, leaf)
        weight = (leaf - lr * step).detach()
    return weight


def test_training(learner, rng, device):
    """Several steps of predicting the next id give the reference weight in both layers.

    The last batch repeats the first, so that results kept from an earlier step are noticed.
    """
    for num, dim, count in ((7, 3, 5), (5, 4, 8)):
        weight, lr = table(rng, num, dim), 0.5 + float(torch.rand((), generator=rng))
        batches = [(ids(rng, num, count), ids(rng, num, count)) for _ in range(2)]
        batches.append(batches[0])
        expected = trained(weight, batches, lr)
        sent = [(idx.to(device), following.to(device)) for idx, following in batches]
        embedding, projection = learner.run(train, weight.to(device), sent, lr)
        assert_close(embedding, expected, "embedding.weight after training")
        assert_close(projection, expected, "projection.weight after training")


ACTIONS = ("to float64", "load_state_dict", "a backward pass", "zero_grad", "eval", "deepcopy")


def after_actions(learner, weights, idx) -> tuple[dict, dict]:
    """Built TiedModel(*shape) and did several things to it: .to(float64), load_state_dict, ….

    Copied one of the weights into one of the two layers after each action, and called the model
    on idx. Returns the scores after each action, and whether both weights are one object then,
    which is the one that it was before, unless the action was deepcopy.
    """
    import copy  # noqa: PLC0415 - a probe runs alone, without this module's imports

    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weights[0].shape)
    weight = model.embedding.weight
    state = {"embedding.weight": weights[0], "projection.weight": weights[0]}
    actions = {
        "to float64": lambda: model.to(torch.float64),
        "load_state_dict": lambda: model.load_state_dict(state, strict=False),
        "a backward pass": lambda: model(idx).sum().requires_grad_().backward(),
        "zero_grad": lambda: model.zero_grad(),
        "eval": lambda: model.eval(),
        "deepcopy": lambda: copy.deepcopy(model),
    }
    results, is_tied = {}, {}
    for number, (name, change) in enumerate(actions.items()):
        changed = change()
        if name == "deepcopy":
            model = changed
            weight = model.embedding.weight
        is_tied[name] = model.projection.weight is model.embedding.weight is weight
        if getattr(model.projection, "bias", None) is not None:
            model.projection.bias.data.zero_()
        with torch.no_grad():
            written = model.projection if number % 2 else model.embedding
            written.weight.copy_(weights[number])
        results[name] = model(idx).detach()
    return results, is_tied


def test_stays_tied(learner, rng):
    """The layers stay tied after conversion, loading, backward, zero_grad, eval and deepcopy.

    An optimizer still trains the model, because the Parameter stays the same.
    """
    weights = [whole(rng, 7, 4, torch.float64) for _ in ACTIONS]
    idx = ids(rng, 5, 6)
    results, is_tied = learner.run(after_actions, weights, idx)
    what = "whether both weights are the same Parameter after each action, and the one from before"
    assert_equal(is_tied, dict.fromkeys(ACTIONS, True), what)
    expected = [scores(weight, idx) for weight in weights]
    what = "the scores after each action, with a weight that was written into one of the layers"
    assert_equal(results, dict(zip(ACTIONS, expected, strict=True)), what)


def saved(learner, weight) -> dict:
    """Built TiedModel(*weight.shape), copied weight into both layers, and read state_dict()."""
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*weight.shape)
    with torch.no_grad():
        model.projection.weight.copy_(weight)
        model.embedding.weight.copy_(weight)
    return dict(model.state_dict())


def loaded(learner, state, idx) -> tuple:
    """Built a TiedModel of the same sizes, called load_state_dict(state), and called it on idx.

    Returns both weights, the scores, what load_state_dict returned, and the names in state.
    """
    torch.default_generator.manual_seed(0)
    model = learner.TiedModel(*state["embedding.weight"].shape)
    names = model.load_state_dict(state)
    weights = model.embedding.weight.detach(), model.projection.weight.detach()
    return *weights, model(idx).detach(), names and [list(part) for part in names], list(state)


def test_state_dict(learner, rng):
    """The state has the weight under both names and nothing else, and the model loads it."""
    for num, dim in ((7, 3), (4, 6)):
        weight, idx = whole(rng, num, dim), ids(rng, num, 5)
        state = {"embedding.weight": weight, "projection.weight": weight}
        assert_equal(learner.run(saved, weight), state, "the state_dict()")
        *weights, result, returned, names = learner.run(loaded, state, idx)
        found = dict(zip(state, weights, strict=True))
        assert_equal(found, state, "the weights after load_state_dict")
        assert_equal(result, scores(weight, idx), "the scores after load_state_dict")
        assert_equal(returned, [[], []], "the missing and the unexpected names")
        assert_equal(names, list(state), "the names in the loaded dictionary afterwards")
