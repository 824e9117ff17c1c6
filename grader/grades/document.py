"""A grade as JSON, in the results format of ``docs/results-format.md``.

The format lists the facts of a check side by side, while a record nests them. Programs and stored
gradebooks depend on the format, so this module names every key instead of deriving it.
"""

from typing import Any, Final

import msgspec

from grader.grades.grade import FORMAT, Grade

MAX_TEXT: Final = 8 * 2**20
"""Characters of the longest grade that is read. What a submission printed is at most 1 MiB."""
_RARE: Final = ("sheet_learner", "notes", "weak_isolation")
_RARE_OF_CHECK: Final = ("needed", "answer", "given", "numbers", "misconception")


def to_document(grade: Grade) -> dict[str, Any]:
    """The JSON object of ``grade``."""
    document: dict[str, Any] = msgspec.to_builtins(grade)
    document["checks"] = [_flat(result) for result in document["checks"]]
    document["weak_isolation"] = grade.weak_isolation
    # These keys are only there if there is something to say.
    for key in _RARE:
        if not document[key]:
            del document[key]

    return document


def to_json(grade: Grade) -> bytes:
    """``grade`` as JSON, on one line."""
    return msgspec.json.encode(to_document(grade))


def from_json(text: str | bytes) -> Grade:
    """The grade in a text that ``to_json`` wrote, in this version or an older one.

    Raises ``msgspec.MsgspecError`` if the text is not a grade.
    """
    # A stranger's gradebook can hold any JSON, which takes up to 27 times as much memory.
    if len(text) > MAX_TEXT:
        raise msgspec.ValidationError(f"a grade of more than {MAX_TEXT >> 20} MiB")

    document = msgspec.json.decode(text, type=dict[str, Any])
    version = document.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise msgspec.ValidationError(
            f"written by a newer grade: format {version} of a grade, this one knows {FORMAT}; "
            "update grade"
        )

    # The conversions refuse anything else than a list of objects, as a file can contain it.
    results = document.get("checks")
    results = msgspec.convert(results, list[dict[str, Any]])
    document["checks"] = [_nested(result) for result in results]
    return msgspec.convert(document, Grade)


def _flat(result: dict[str, Any]) -> dict[str, Any]:
    check = result["check"]
    flat = {
        "name": check["check"],
        "title": check["title"],
        "outcome": result["outcome"],
        "points": result["points"],
        "max_points": check["points"],
        "message": result["message"],
        "seconds": result["seconds"],
        "case": result["case"],
        "visible": check["visible"],
    }
    # These keys are only there if there is something to say.
    for key in _RARE_OF_CHECK:
        if result[key]:
            flat[key] = result[key]

    if result["attempt"] > 1:
        flat["attempt"] = result["attempt"]

    return flat


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    check = {
        "check": flat.pop("name", None),
        "title": flat.pop("title", None),
        "points": flat.pop("max_points", None),
        # Grades of older versions have no hidden checks and lack this key.
        "visible": flat.pop("visible", True),
    }
    return {"check": check, **flat}
