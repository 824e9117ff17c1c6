"""Forbidden names that a search of the source finds."""

import ast

import pytest

from grader.sandbox.forbidden import find_use

FORBIDDEN = [
    "torch.nn.Embedding",
    "torch.nn.functional.embedding",
    "torch.embedding",
    "aten::embedding",
]
USES = {
    "in full": ("import torch\ntorch.nn.Embedding(2, 3)\n", 2),
    "in full, imported in parts": (
        "import torch.nn.functional\ntorch.nn.functional.embedding(i, w)\n",
        2,
    ),
    "by an alias": ("import torch as t\nt.nn.Embedding(2, 3)\n", 2),
    "by an alias of a part": ("import torch.nn.functional as F\nF.embedding(i, w)\n", 2),
    "from a part": ("from torch import nn\nnn.Embedding(2, 3)\n", 2),
    "from a part, renamed": ("from torch import nn as n\nn.functional.embedding(i, w)\n", 2),
    "by name": ("from torch.nn import Embedding\nEmbedding(2, 3)\n", 2),
    "by name, renamed": ("from torch.nn import Embedding as E\n\nE(2, 3)\n", 3),
    "by getattr": ("import torch\ngetattr(torch.nn, 'Embedding')(2, 3)\n", 2),
    "by getattr with a default": ("import torch\ngetattr(torch, 'embedding', None)\n", 2),
    "by getattr of getattr": ("import torch\ngetattr(getattr(torch, 'nn'), 'Embedding')\n", 2),
    "part of getattr": ("import torch\ngetattr(torch, 'nn').Embedding\n", 2),
    "as a base": ("from torch import nn\nclass E(nn.Embedding): ...\n", 2),
    "as a decorator": ("import torch\n@torch.nn.Embedding\ndef f(): ...\n", 2),
    "as a default": ("import torch\ndef f(e=torch.embedding): ...\n", 2),
    "under another name": ("import torch\nf = torch.embedding\nf(w, i)\n", 2),
    "in a function": ("def f(w, i):\n    import torch\n    return torch.embedding(w, i)\n", 3),
    "in a function, imported above": (
        "import torch\ndef f(w, i):\n    return torch.embedding(w, i)\n",
        3,
    ),
    "before its import": ("def f(w, i):\n    return t.embedding(w, i)\nimport torch as t\n", 2),
    "the first of several": (
        "import torch\ntorch.ones(1)\ntorch.embedding(w, i)\ntorch.nn.Embedding(2, 3)\n",
        3,
    ),
    "over several lines": ("import torch\ntorch.nn.Embedding(\n    2,\n    3,\n)\n", 2),
    "beside a main block": (
        "import torch\nif __name__ == '__main__':\n    pass\ntorch.embedding(w, i)\n",
        4,
    ),
    "in the other branch of a main block": (
        "import torch\nif __name__ == '__main__':\n    pass\nelse:\n    torch.embedding(w, i)\n",
        5,
    ),
    "in a block that is nearly a main block": (
        "import torch\nif __name__ != '__main__':\n    torch.embedding(w, i)\n",
        3,
    ),
    "in a test of its own": ("import torch\nif torch.embedding(w, i):\n    pass\n", 2),
}
NO_USES = {
    "nothing": "",
    "something else": "import torch\ntorch.nn.Linear(2, 3)\ntorch.index_select(w, 0, i)\n",
    "a longer name": "import torch\ntorch.nn.EmbeddingBag(2, 3)\n",
    "an import alone": "from torch.nn import Embedding\n",
    "a comment": "# torch.nn.Embedding\n",
    "a text": "s = 'torch.nn.Embedding(2, 3)'\n",
    "a name that the submission defines": "class Embedding: ...\nEmbedding()\n",
    "an attribute of something else": "import mine\nmine.nn.Embedding(2, 3)\nself.embedding(w)\n",
    "a relative import": "from .torch import embedding\nfrom . import embedding\nembedding(w, i)\n",
    "a main block": "import torch\nif __name__ == '__main__':\n    torch.nn.Embedding(2, 3)\n",
    "a reversed main block": (
        'import torch\nif "__main__" == __name__:\n    torch.nn.Embedding(2, 3)\n'
    ),
    "an unfinished getattr": (
        "import torch\ngetattr(torch)\ngetattr(torch, name)\ngetattr(torch, 1)\ngetattr(*a)\n"
    ),
}


@pytest.mark.parametrize("name", USES)
def test_use_is_found(name):
    """A search finds a forbidden name under every alias and in every place, with its first line."""
    source, line = USES[name]
    found = find_use(ast.parse(source), FORBIDDEN)
    assert found is not None
    assert found[0] in FORBIDDEN
    assert found[1] == line


@pytest.mark.parametrize("name", NO_USES)
def test_no_use(name):
    """What only looks like a use, or never runs while grading, does not count."""
    assert find_use(ast.parse(NO_USES[name]), FORBIDDEN) is None


def test_nothing_forbidden():
    """If nothing is forbidden, a search finds nothing."""
    assert find_use(ast.parse(USES["in full"][0]), []) is None


def test_name_is_the_one_in_the_exercise():
    """The learner sees the name from the exercise's list, not the alias."""
    assert find_use(ast.parse("import torch.nn.functional as F\nF.embedding\n"), FORBIDDEN) == (
        FORBIDDEN[1],
        2,
    )
