"""A grade as JSON: the results format of ``docs/results-format.md``.

The format lists the facts of a check side by side, where a record nests them. It is a contract
with programs and with gradebooks on disk, so it is written down here and not derived.
"""

from typing import Any

import msgspec

from grader.grades.grade import Grade


def to_document(grade: Grade) -> dict[str, Any]:
    """The JSON object of ``grade``."""
    document: dict[str, Any] = msgspec.to_builtins(grade)
    document["checks"] = [_flat(result) for result in document["checks"]]
    return document


def to_json(grade: Grade) -> bytes:
    """``grade`` as JSON, on one line."""
    return msgspec.json.encode(to_document(grade))


def from_json(text: str | bytes) -> Grade:
    """The grade that ``to_json`` wrote, with this version or an older one.

    Raises ``msgspec.MsgspecError`` if the text is no grade.
    """
    document = msgspec.json.decode(text, type=dict[str, Any])
    results = msgspec.convert(document.get("checks"), list[dict[str, Any]])
    document["checks"] = [_nested(result) for result in results]
    return msgspec.convert(document, Grade)


def _flat(result: dict[str, Any]) -> dict[str, Any]:
    check = result["check"]
    return {
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


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    result = dict(flat)
    check = {
        "check": result.pop("name", None),
        "title": result.pop("title", None),
        "points": result.pop("max_points", None),
        "visible": result.pop("visible", True),
    }
    return {"check": check, **result}
