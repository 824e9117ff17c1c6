"""Ways to call what exercise 1 forbids: each of them is blocked."""

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.protocol import Examine
from grader.submission.files import Submission

ONE_EACH = "idx.reshape(-1), torch.arange(idx.numel())"
"""The ids and offsets of bags that hold one id each: their sums are the rows."""
ROADS = {
    "by its name": "return torch.nn.functional.embedding(idx, weight)",
    "by an alias": "from torch.nn import functional as innocent\n"
    "return innocent.embedding(idx, weight)",
    "by a name put together": "return getattr(torch.nn.functional, 'embed' + 'ding')(idx, weight)",
    "by the module's dictionary": "return vars(torch.nn.functional)['embedding'](idx, weight)",
    "by torch's own dictionary": "return torch.__dict__['embedding'](weight, idx)",
    "by importlib": "import importlib\n"
    "return importlib.import_module('torch').embedding(weight, idx)",
    "by __import__": "return __import__('torch').embedding(weight, idx)",
    "by sys.modules": "import sys\n"
    "return sys.modules['torch.nn.functional'].embedding(idx, weight)",
    "by operator.attrgetter": (
        "import operator\nreturn operator.attrgetter('nn.functional.embedding')(torch)(idx, weight)"
    ),
    "by exec": (
        "scope = dict(torch=torch, w=weight, i=idx)\n"
        "exec('r = torch.embedding(w, i)', scope)\nreturn scope['r']"
    ),
    "by a reloaded class": (
        "import importlib\n"
        "sparse = importlib.reload(importlib.import_module('torch.nn.modules.sparse'))\n"
        "return getattr(sparse, 'Embedding')(*weight.shape, _weight=weight)(idx)"
    ),
    "by the class under another name": "return torch.nn.modules.sparse.Embedding(*weight.shape, "
    "_weight=weight)(idx)",
    "by from_pretrained": "kind = getattr(torch.nn, 'Embed' + 'ding')\n"
    "return kind.from_pretrained(weight)(idx)",
    "by an instance without its init": (
        "kind = getattr(torch.nn, 'Embed' + 'ding')\n"
        "layer = kind.__new__(kind)\ntorch.nn.Module.__init__(layer)\n"
        "layer.weight, layer.padding_idx, layer.max_norm = torch.nn.Parameter(weight), None, None\n"
        "layer.norm_type, layer.scale_grad_by_freq, layer.sparse = 2.0, False, False\n"
        "return layer(idx)"
    ),
    "by what another module imported": "return torch.nn.modules.sparse.F.embedding(idx, weight)",
    "by _VF": "return torch._VF.embedding(weight, idx)",
    "by _VariableFunctions": "return torch._C._VariableFunctions.embedding(weight, idx)",
    "by torch.ops": "return torch.ops.aten.embedding(weight, idx)",
    "by torch.ops and its overload": "return torch.ops.aten.embedding.default(weight, idx)",
    "by the operator beneath": "return torch.ops.aten.embedding.default._op(weight, idx)",
    "by a jitted function": (
        "return torch._C._jit_get_operation('aten::embedding')[0](weight, idx, -1, False, False)"
    ),
    "by a bag": f"return getattr(torch, 'embedding' + '_bag')(weight, {ONE_EACH})[0]",
    "by a bag of torch.ops": f"return torch.ops.aten._embedding_bag(weight, {ONE_EACH})[0]",
    "by a bag without gradients": f"return torch.ops.aten._embedding_bag_forward_only(weight, "
    f"{ONE_EACH})[0]",
    "by a functional bag": (
        "return getattr(torch.nn.functional, "
        "'embedding_bag')(idx.reshape(-1), weight, torch.arange(idx.numel()))"
    ),
    "by a mapped function": "return torch.func.vmap(lambda i: "
    "torch.ops.aten.embedding(weight, i))(idx)",
    "caught and hidden": (
        "try:\n    return torch.ops.aten.embedding(weight, idx)\n"
        "except BaseException:\n    return weight[idx]"
    ),
    "in a thread": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor() as pool:\n"
        "    return pool.submit(torch.ops.aten.embedding, weight, idx).result()"
    ),
    "from a helper": "import helper\nreturn helper.look_up(weight, idx)",
}
HONEST = {
    "by indexing": "return weight[idx]",
    "by index_select": "return weight.index_select(0, "
    "idx.reshape(-1)).reshape(*idx.shape, weight.shape[1])",
    "by gather": (
        "flat = idx.reshape(-1, 1).long().expand(-1, weight.shape[1])\n"
        "return weight.gather(0, flat).reshape(*idx.shape, weight.shape[1])"
    ),
}


def grade(examiner, body):
    """Grade a ``lookup`` with these lines."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = f"import torch\n\n\ndef lookup(weight, idx):\n{lines}"
    helper = (
        b"import torch\n\ndef look_up(w, i):\n    return getattr(torch, 'embed' + 'ding')(w, i)\n"
    )
    submission = Submission("exercise1.py", source.encode(), {"helper.py": helper})
    return examiner.grade(Examine(load_exercise(default_root(), "exercise1"), submission, "ada", 1))


@pytest.mark.parametrize("road", ROADS)
def test_road_is_closed(road, examiner):
    """The check is ``forbidden``, and the message names the function."""
    check = grade(examiner, ROADS[road]).checks[0]
    assert (check.outcome.value, check.points) == ("forbidden", 0), check
    assert "embedding" in check.message.lower()
    assert "is not allowed in this exercise" in check.message


@pytest.mark.parametrize("road", HONEST)
def test_honest_road_is_open(road, examiner):
    """Other functions still work."""
    check = grade(examiner, HONEST[road]).checks[0]
    assert check.outcome.value == "passed", check
