"""Ways to use what an exercise forbids, and to mention it: only uses cost points."""

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
    "by redispatch": (
        "keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CompositeExplicitAutograd)\n"
        "operator = torch.ops.aten.embedding.default\n"
        "return operator.redispatch(keys, weight, idx, -1, False, False)"
    ),
    "by a decomposition": (
        "from torch._decomp import decomposition_table\n"
        "return decomposition_table[torch.ops.aten.embedding.default](weight, idx)"
    ),
    "by the inner function of a decomposition": (
        "import inspect\nfrom torch._decomp import decompositions\n"
        "return inspect.unwrap(decompositions.embedding)(weight, idx)"
    ),
    "by another overload": (
        "rows = weight.new_empty(*idx.shape, weight.shape[1])\n"
        "return torch.ops.aten.embedding.out(weight, idx, out=rows)"
    ),
    "by a changed class": (
        "layer = torch.nn.Module()\nlayer.weight = weight\n"
        "layer.padding_idx, layer.max_norm, layer.norm_type = None, None, 2.0\n"
        "layer.scale_grad_by_freq, layer.sparse = False, False\n"
        "layer.__class__ = torch.nn.Embedding\nreturn layer(idx)"
    ),
    "by torch.compile": (
        "look_up = torch.compile(torch.nn.functional.embedding, backend='eager')\n"
        "return look_up(idx, weight)"
    ),
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


INNOCENT = {
    "an uncalled function": "def other(w, i):\n    return torch.embedding(w, i)",
    "an annotation": "def other(layer: torch.nn.Embedding) -> None: ...",
    "a text": "'Like torch.nn.Embedding.'  # and torch.nn.functional.embedding",
    "a branch that does not run": (
        "import typing\nif typing.TYPE_CHECKING:\n    layer = torch.nn.Embedding(2, 3)"
    ),
    "a main block": "if __name__ == '__main__':\n    print(torch.nn.Embedding(2, 3))",
    "other names": "look_up = torch.nn.functional.embedding\nLayer = torch.nn.Embedding",
    "an unused subclass": "class Mine(torch.nn.Embedding):\n    pass",
    "a comparison": "assert not isinstance(torch, torch.nn.Embedding)",
}
"""Lines of a file that mention what is forbidden, and do not use it."""


def grade(examiner, body, top=""):
    """Grade a ``lookup`` with these lines, in a file with the lines ``top``."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = f"import torch\n{top}\n\ndef lookup(weight, idx):\n{lines}"
    helper = (
        b"import torch\n\ndef look_up(w, i):\n    return getattr(torch, 'embed' + 'ding')(w, i)\n"
    )
    submission = Submission("exercise1.py", source.encode(), {"helper.py": helper})
    return examiner.grade(Examine(load_exercise(default_root(), "exercise1"), submission, "ada", 1))


@pytest.mark.parametrize("road", ROADS)
def test_road_is_closed(road, examiner):
    """The check is ``forbidden``, and the message names the function."""
    check = grade(examiner, ROADS[road]).checks[0]
    if road == "by torch.compile" and check.outcome.value == "raised":
        # Until torch 2.10, the compiler fails before it calls the function.
        assert check.points == 0
        assert "torch.compile" in check.message or "torch._dynamo" in check.message
        return
    assert (check.outcome.value, check.points) == ("forbidden", 0), check
    assert "embedding" in check.message.lower()
    assert "is not allowed in this exercise" in check.message


@pytest.mark.parametrize("road", HONEST)
def test_honest_road_is_open(road, examiner):
    """Other functions still work."""
    check = grade(examiner, HONEST[road]).checks[0]
    assert check.outcome.value == "passed", check


@pytest.mark.slow
def test_compiled_function_passes(examiner):
    """A right function that torch compiles gets all points, with each version of torch."""
    body = "return torch.compile(lambda: weight[idx], backend='eager')()"
    assert grade(examiner, body).passed


@pytest.mark.parametrize("name", INNOCENT)
def test_mention_is_no_use(name, examiner):
    """What is only written costs nothing."""
    graded = grade(examiner, "return weight[idx]", INNOCENT[name])
    assert graded.passed, [check.message for check in graded.checks]


ONE_USE = """\
if idx.dim() == 0:
    try:
        return torch.nn.functional.embedding(idx, weight)
    except BaseException:
        pass
return weight[idx]
"""


def test_use_fails_the_checks_concerned(examiner):
    """A use in some calls fails the checks of these calls, with the line, and no other check."""
    failed = [check for check in grade(examiner, ONE_USE).checks if check.outcome.missed]
    # These checks look up a single id.
    assert [(check.name, check.outcome.value) for check in failed] == [
        ("single_id", "forbidden"),
        ("out_of_range", "forbidden"),
        ("gradient", "forbidden"),
        ("combinations", "forbidden"),
    ]
    assert failed[0].case.traceback[0].startswith("exercise1.py line 7, in lookup: ")


@pytest.mark.parametrize("hide", [False, True])
def test_use_at_import_fails_every_check(hide, examiner):
    """What runs while the file is loaded concerns all checks, also if the file hides it."""
    use = "layer = torch.nn.Embedding(2, 3)"
    if hide:
        use = f"try:\n    {use}\nexcept BaseException:\n    pass"
    graded = grade(examiner, "return weight[idx]", use)
    assert {check.outcome.value for check in graded.checks} == {"forbidden"}
    assert graded.checks[0].case.traceback[0].startswith(f"exercise1.py line {2 + hide}: ")
