"""Correct solutions that differ from the reference pass; forbidden ones do not."""

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.protocol import Examine
from grader.grades.grade import Outcome
from grader.submission.files import Submission

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n"

EXERCISE4 = (
    "def linear(x, weight, bias=None):\n    y = {}\n    return y if bias is None else y + bias\n"
)

EXERCISE6 = (
    "def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):\n"
    "    dim = grad_output.shape[-1]\n"
    "    ids, rows = idx.flatten(), grad_output.reshape(idx.numel(), dim)\n"
    "    table = torch.zeros(num_embeddings, dim, dtype=rows.dtype, device=rows.device)\n"
    "{}"
    "    if padding_idx is not None:\n"
    "        table[padding_idx] = 0\n"
    "    return table\n"
)
EXERCISE5 = "def one_hot_lookup(weight, idx):\n    num = weight.shape[0]\n{}"
EXERCISE7 = (
    "class Embedding({base}):\n"
    "    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):\n"
    "        super().__init__()\n"
    "        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim\n"
    "        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings\n"
    "        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))\n"
    "        nn.init.normal_(self.weight)\n"
    "        if padding_idx is not None:\n"
    "            self.weight.data[padding_idx].zero_()\n"
    "{init}"
    "    def forward(self, idx):\n"
    "{forward}"
)
EXERCISE11 = (
    "def embedding_bag(weight, idx, offsets, mode):\n"
    "    if mode not in ('sum', 'mean', 'max'):\n        raise ValueError(mode)\n"
    "    sizes = torch.diff(offsets, append=offsets.new_tensor([len(idx)]))\n"
    "    bag = torch.repeat_interleave(torch.arange(len(offsets), device=idx.device), sizes)\n"
    "    rows = F.embedding(idx, weight)\n"
    "    vectors = weight.new_zeros(len(offsets), weight.shape[1])\n"
    "{}"
)
EXERCISE12 = (
    "class TiedModel(nn.Module):\n"
    "    def __init__(self, num_embeddings, embedding_dim):\n"
    "        super().__init__()\n"
    "{}"
    "    def forward(self, idx):\n"
)
EXERCISE10 = (
    "def lookup_cost(num_embeddings, embedding_dim, num_indices):\n"
    "    v, d, n = num_embeddings, embedding_dim, num_indices\n"
    "    return dict(lookup_bytes=8 * (n + n * d), lookup_multiply_adds=0,\n"
    "                product_bytes=4 * (n * v + v * d + n * d), product_multiply_adds=n * v * d)\n"
    "def lookup(weight, idx):\n"
)

SOLUTIONS = {
    "exercise4": {
        "einsum": EXERCISE4.format("torch.einsum('...i,oi->...o', x, weight)"),
        "matmul": EXERCISE4.format("torch.matmul(x, weight.transpose(0, 1))"),
        "tensordot": EXERCISE4.format("torch.tensordot(x, weight, dims=([-1], [1]))"),
        "sum": EXERCISE4.format("(x.unsqueeze(-2) * weight).sum(-1)"),
        "weight on the left": EXERCISE4.format("(weight @ x.unsqueeze(-1)).squeeze(-1)"),
        "addmm": (
            "def linear(x, weight, bias=None):\n"
            "    rows = x.reshape(-1, weight.shape[1])\n"
            "    y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)\n"
            "    return y.reshape(*x.shape[:-1], weight.shape[0])\n"
        ),
        "output by output": EXERCISE4.format("torch.stack([x @ row for row in weight], dim=-1)"),
    },
    "exercise5": {
        "rows of an identity matrix": EXERCISE5.format(
            "    return torch.eye(num, dtype=weight.dtype, device=weight.device)[idx] @ weight\n"
        ),
        "comparison": EXERCISE5.format(
            "    if (idx >= num).any():\n        raise ValueError('no such id')\n"
            "    places = torch.arange(num, device=weight.device)\n"
            "    return (idx[..., None] == places).to(weight.dtype) @ weight\n"
        ),
        "scatter": EXERCISE5.format(
            "    one_hot = torch.zeros(*idx.shape, num, dtype=weight.dtype, device=weight.device)\n"
            "    return one_hot.scatter(-1, idx.long().unsqueeze(-1), 1) @ weight\n"
        ),
        "ones set by index": EXERCISE5.format(
            "    flat = idx.reshape(-1)\n"
            "    one_hot = torch.zeros(flat.numel(), num)\n"
            "    one_hot = one_hot.to(weight)\n"
            "    one_hot[torch.arange(flat.numel()), flat] = 1\n"
            "    return (one_hot @ weight).reshape(*idx.shape, weight.shape[1])\n"
        ),
        "einsum": EXERCISE5.format(
            "    one_hot = F.one_hot(idx.long(), num_classes=num).to(weight)\n"
            "    return torch.einsum('...n,nd->...d', one_hot, weight)\n"
        ),
        "linear layer": EXERCISE5.format(
            "    return F.linear(F.one_hot(idx.long(), num).type_as(weight), weight.T)\n"
        ),
    },
    "exercise6": {
        "index_put": EXERCISE6.format("    table.index_put_((ids,), rows, accumulate=True)\n"),
        "scatter_add": EXERCISE6.format(
            "    table.scatter_add_(0, ids.long()[:, None].expand(-1, dim), rows)\n"
        ),
        "one-hot product": EXERCISE6.format(
            "    table = F.one_hot(ids.long(), num_embeddings).to(rows).T @ rows\n"
        ),
        "id by id": EXERCISE6.format(
            "    for i, row in zip(ids.tolist(), rows):\n        table[i] += row\n"
        ),
        "row by row": EXERCISE6.format(
            "    table = torch.stack([rows[ids == i].sum(0) for i in range(num_embeddings)])\n"
        ),
        "padding left out first": (
            "def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):\n"
            "    keep = torch.ones_like(idx, dtype=torch.bool)\n"
            "    if padding_idx is not None:\n        keep = idx != padding_idx\n"
            "    table = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])\n"
            "    return table.index_add(0, idx[keep], grad_output[keep])\n"
        ),
    },
    "exercise7": {
        "rows held back": EXERCISE7.format(
            base="nn.Module",
            init="",
            forward=(
                "        rows = F.embedding(idx, self.weight)\n"
                "        if self.padding_idx is None:\n            return rows\n"
                "        is_padding = (idx == self.padding_idx)[..., None]\n"
                "        return torch.where(is_padding, rows.detach(), rows)\n"
            ),
        ),
        # A hook on the Parameter would be lost by deepcopy.
        "a hook on the rows": EXERCISE7.format(
            base="nn.Module",
            init="",
            forward=(
                "        rows = F.embedding(idx, self.weight)\n"
                "        if self.padding_idx is not None and rows.requires_grad:\n"
                "            padded = (idx == self.padding_idx).unsqueeze(-1)\n"
                "            rows.register_hook(lambda pull: pull.masked_fill(padded, 0))\n"
                "        return rows\n"
            ),
        ),
        "embedding without a class": EXERCISE7.format(
            base="nn.Module",
            init="",
            forward=(
                "        padding = -1 if self.padding_idx is None else self.padding_idx\n"
                "        return torch.embedding(self.weight, idx, padding)\n"
            ),
        ),
    },
    "exercise8": {
        "layer and optimiser": (
            "def train_step(weight, idx, target, lr):\n"
            "    layer = nn.Embedding.from_pretrained(weight.detach().clone(), freeze=False)\n"
            "    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)\n"
            "    loss = nn.MSELoss()(layer(idx), target)\n"
            "    loss.backward()\n    optimizer.step()\n"
            "    return layer.weight.detach(), loss.detach()\n"
        ),
        "gradient by hand": (
            "@torch.no_grad()\ndef train_step(weight, idx, target, lr):\n"
            "    error = weight[idx] - target\n"
            "    gradient = torch.zeros_like(weight)\n"
            "    gradient.index_put_((idx,), 2 * error / error.numel(), accumulate=True)\n"
            "    return weight - lr * gradient, (error**2).mean()\n"
        ),
        "autograd.grad": (
            "def train_step(weight, idx, target, lr):\n"
            "    table = nn.Parameter(weight.detach().clone())\n"
            "    loss = ((F.embedding(idx, table) - target) ** 2).mean()\n"
            "    (gradient,) = torch.autograd.grad(loss, table)\n"
            "    with torch.no_grad():\n        return table - lr * gradient, loss.detach()\n"
        ),
    },
    "exercise10": {
        "PyTorch's own lookup": EXERCISE10 + "    return F.embedding(idx, weight)\n",
        "index_select": EXERCISE10
        + "    rows = weight.index_select(0, idx.reshape(-1))\n"
        + "    return rows.reshape(*idx.shape, weight.shape[1])\n",
        "gather": EXERCISE10
        + "    flat = idx.reshape(-1, 1).expand(-1, weight.shape[1])\n"
        + "    return weight.gather(0, flat).reshape(*idx.shape, weight.shape[1])\n",
        "id by id": EXERCISE10
        + "    rows = [weight[i] for i in idx.reshape(-1)]\n"
        + "    rows = torch.stack(rows) if rows else weight[:0]\n"
        + "    return rows.reshape(*idx.shape, weight.shape[1])\n",
    },
    "exercise11": {
        "scatter_reduce": EXERCISE11.format(
            "    to = bag[:, None].expand(-1, weight.shape[1])\n"
            "    how = {'sum': 'sum', 'mean': 'mean', 'max': 'amax'}[mode]\n"
            "    return vectors.scatter_reduce(0, to, rows, how, include_self=False)\n"
        ),
        "index_add and index_reduce": EXERCISE11.format(
            "    if mode == 'max':\n"
            "        return torch.stack([\n"
            "            rows[bag == b].max(0).values if (bag == b).any() else vectors[b]\n"
            "            for b in range(len(offsets))])\n"
            "    total = vectors.index_add(0, bag, rows)\n"
            "    return total if mode == 'sum' else total / sizes.clamp(min=1)[:, None]\n"
        ),
        "mask of bags": EXERCISE11.format(
            "    member = F.one_hot(bag, len(offsets)).T.to(weight)\n"
            "    if mode == 'max':\n"
            "        marked = rows.masked_fill(member[..., None] == 0, float('-inf'))\n"
            "        if not len(idx):\n            return vectors\n"
            "        return marked.amax(1).masked_fill((sizes == 0)[:, None], 0)\n"
            # A product would spread nan and infinity to other bags.
            "    total = torch.where(member[..., None] != 0, rows, 0).sum(1)\n"
            "    return total if mode == 'sum' else total / sizes.clamp(min=1)[:, None]\n"
        ),
        "pieces": EXERCISE11.format(
            "    how = {'sum': torch.sum, 'mean': torch.mean, 'max': torch.amax}[mode]\n"
            "    pieces = torch.split(rows, sizes.tolist())\n"
            "    return torch.stack(\n"
            "        [how(each, 0) if len(each) else each.sum(0) for each in pieces])\n"
        ),
    },
    "exercise12": {
        "tied the other way round": EXERCISE12.format(
            "        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)\n"
            "        self.embedding = nn.Embedding(num_embeddings, embedding_dim)\n"
            "        self.embedding.weight = self.projection.weight\n"
        )
        + "        return self.projection(self.embedding(idx))\n",
        "a Parameter given to both": EXERCISE12.format(
            "        weight = torch.randn(num_embeddings, embedding_dim) / embedding_dim**0.5\n"
            "        weight = nn.Parameter(weight)\n"
            "        self.embedding = nn.Embedding(num_embeddings, embedding_dim, _weight=weight)\n"
            "        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)\n"
            "        self.embedding.weight = self.projection.weight = weight\n"
        )
        + "        return self.projection(self.embedding(idx))\n",
        "products by hand": EXERCISE12.format(
            "        self.embedding = nn.Embedding(num_embeddings, embedding_dim)\n"
            "        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)\n"
            "        self.projection.weight = self.embedding.weight\n"
        )
        + "        return self.embedding.weight[idx] @ self.projection.weight.T\n",
    },
}


@pytest.mark.parametrize(
    ("exercise_id", "name"),
    [(exercise_id, name) for exercise_id in SOLUTIONS for name in SOLUTIONS[exercise_id]],
)
def test_other_solutions_pass(exercise_id, name, examiner):
    """A correct solution gets full points: no operator is refused, no rounding counts as wrong."""
    exercise = load_exercise(default_root(), exercise_id)
    for seed in (1, 2):
        source = (HEAD + SOLUTIONS[exercise_id][name]).encode()
        graded = examiner.grade(
            Examine(exercise, Submission(f"{exercise_id}.py", source), "ada", seed)
        )
        assert graded.passed, [check.message for check in graded.checks]


FORBIDDEN = {
    "exercise1": ["def lookup(weight, idx):\n    return F.embedding(idx, weight)\n"],
    "exercise4": [
        "def linear(x, weight, bias=None):\n    return F.linear(x, weight, bias)\n",
        "def linear(x, weight, bias=None):\n    return torch.ops.aten.linear(x, weight, bias)\n",
        (
            "def linear(x, weight, bias=None):\n    layer = nn.Linear(x.shape[-1], len(weight))\n"
            "    layer.weight = nn.Parameter(weight)\n    return layer(x)\n"
        ),
    ],
    "exercise5": ["def one_hot_lookup(weight, idx):\n    return F.embedding(idx, weight)\n"],
    "exercise6": [
        EXERCISE6.format(f"    table.requires_grad_()\n{way}    table = table.grad\n")
        for way in (
            "    F.embedding(ids, table).backward(rows)\n",
            "    table[ids].backward(rows)\n",
            "    torch.autograd.backward(table[ids], rows)\n",
            "    table.grad = torch.autograd.grad(table[ids], table, rows)[0]\n",
            "    table.grad = torch.func.vjp(lambda w: w[ids], table.detach())[1](rows)[0]\n",
            (
                "    table.grad = torch.ops.aten.embedding_dense_backward(\n"
                "        rows, ids, num_embeddings, -1, False)\n"
            ),
            (
                "    table.grad = torch.ops.aten.embedding_backward(\n"
                "        rows, ids, num_embeddings, -1, False, False)\n"
            ),
            "    table.grad = table[ids].grad_fn(rows)\n",
            (
                "    with torch.enable_grad():\n        found = table.index_select(0, ids)\n"
                "    table.grad = torch._C.TensorBase.grad_fn.__get__(found)(rows)\n"
            ),
            (
                "    run = torch.autograd.Variable._execution_engine.run_backward\n"
                "    run((table[ids],), (rows,), False, False, (table,), accumulate_grad=True)\n"
            ),
            "    table.grad = torch.autograd.functional.vjp(lambda w: w[ids], table, rows)[1]\n",
            "    table.grad = torch.func.jacfwd(lambda w: (w[ids] * rows).sum())(table)\n",
        )
    ],
    "exercise7": [
        "class Embedding(nn.Embedding):\n    pass\n",
        "from torch.nn.modules.sparse import Embedding as Base\nclass Embedding(Base):\n    pass\n",
        (
            "import importlib\nfrom torch.nn.modules import sparse\n"
            "class Embedding(importlib.reload(sparse).Embedding):\n    pass\n"
        ),
        (
            "class Embedding(nn.Embedding):\n"
            "    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):\n"
            "        nn.Module.__init__(self)\n"
            "        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))\n"
            "        self.padding_idx = padding_idx\n        self.reset_parameters()\n"
        ),
        EXERCISE7.format(
            base="nn.Module",
            init="        weight = self.weight.data\n"
            "        self.inner = nn.Embedding.from_pretrained(weight, freeze=False)\n",
            forward="        return self.inner(idx)\n",
        ),
    ],
    "exercise11": [
        f"def embedding_bag(weight, idx, offsets, mode):\n    return {way}\n"
        for way in (
            "F.embedding_bag(idx, weight, offsets, mode=mode)",
            "nn.EmbeddingBag.from_pretrained(weight, mode=mode)(idx, offsets)",
            "torch.embedding_bag(weight, idx, offsets)[0]",
            "torch.ops.aten._embedding_bag_forward_only(weight, idx, offsets)[0]",
        )
    ],
}


@pytest.mark.parametrize(
    ("exercise_id", "source"),
    [(name, source) for name, sources in FORBIDDEN.items() for source in sources],
)
def test_forbidden_solutions_are_refused(exercise_id, source, examiner):
    """The grader refuses what an exercise forbids, however the submission reaches it."""
    exercise = load_exercise(default_root(), exercise_id)
    graded = examiner.grade(
        Examine(exercise, Submission(f"{exercise_id}.py", (HEAD + source).encode()), "ada", 1)
    )
    assert {check.outcome for check in graded.checks} == {Outcome.FORBIDDEN}
