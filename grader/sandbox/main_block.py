"""The one definition of a main block: code that runs only if its file is the program.

It belongs to the sandbox, which decides how a submission runs: it imports the file, so the body
of a main block never runs there.
"""

import ast
from typing import TypeGuard


def is_main_block(node: ast.AST) -> TypeGuard[ast.If]:
    """Whether ``node`` is ``if __name__ == "__main__":``, with the operands in either order.

    The sandbox skips the body and runs the ``else`` branch. Any other test of ``__name__``, such
    as ``__name__ != "__main__"``, is ordinary code.
    """
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name("__name__"), ops=[ast.Eq()], comparators=[ast.Constant("__main__")]
            )
            | ast.Compare(
                left=ast.Constant("__main__"), ops=[ast.Eq()], comparators=[ast.Name("__name__")]
            )
        ):
            return True
        case _:
            return False
