"""A verification as a page and as JSON."""

from collections.abc import Iterator
from typing import Final, TextIO

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report.terminal.grade_page import show
from grader.verify.records import Counts, Finding, Proof, Rule, Status, Verification

_STYLES: Final[dict[Status, str]] = {
    "proven": "green",
    "unproven": "red",
    "broken": "red",
    "ungraded": "magenta",
}
_MARKS: Final[dict[Status, str]] = {"proven": "✓", "unproven": "✗", "broken": "✗", "ungraded": "?"}


def as_json(verification: Verification) -> str:
    """One JSON object, indented; ``docs/verification.md`` is its contract."""
    return msgspec.json.format(msgspec.json.encode(verification), indent=2).decode() + "\n"


def write(verification: Verification, stream: TextIO) -> None:
    """Write the page: with colours to a terminal, as plain text elsewhere or with ``NO_COLOR``."""
    show(Group(*_parts(verification)), stream)


def _parts(verification: Verification) -> Iterator[RenderableType]:
    yield _table(verification.exercises)
    if verification.findings:
        yield from _findings("the course", verification.findings)
    for proof in verification.exercises:
        if proof.findings:
            yield from _findings(proof.exercise, proof.findings)
    yield Text()
    yield _summary(verification)


def _table(proofs: list[Proof]) -> RenderableType:
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, expand=True, border_style="dim", header_style="dim"
    )
    table.add_column("exercise", ratio=1, overflow="fold")
    for name in ("solution", "wrong", "mutants", "draws"):
        table.add_column(name, justify="right")
    table.add_column("", min_width=13)
    for proof in proofs:
        table.add_row(
            proof.exercise, *_figures(proof.counts), Text(_verdict(proof), _STYLES[proof.status])
        )
    return table


def _verdict(proof: Proof) -> str:
    count = len(proof.findings)
    said = (
        f"{count} finding{'' if count == 1 else 's'}"
        if proof.status == "unproven"
        else proof.status
    )
    return f"{_MARKS[proof.status]} {said}"


def _figures(counts: Counts) -> Iterator[str]:
    """What went right, of what was tried."""
    yield _of(counts.seeds_passed, counts.seeds)
    yield _of(counts.wrong_caught, counts.wrong)
    equivalent = f" +{counts.mutants_equivalent}" if counts.mutants_equivalent else ""
    yield _of(counts.mutants_caught, counts.mutants) + equivalent
    yield _of(counts.draws, counts.draws_possible)


def _of(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


def _findings(name: str, findings: list[Finding]) -> Iterator[RenderableType]:
    yield Text()
    yield Text(name, "bold")
    for finding in findings:
        yield Padding(_finding(finding), (0, 0, 0, 2))


def _finding(finding: Finding) -> RenderableType:
    head = Text.assemble((finding.rule.value, "red"), "  ", (finding.place, "bold"))
    if finding.rule is Rule.UNFINISHED:  # one of many short ones, each of which says what to do
        return head.append(f"  {finding.problem}", "not bold")
    changed = [
        _indented(line, "green" if line.startswith("+") else "red", by=4)
        for line in finding.difference
    ]
    return Group(
        head, _indented(finding.problem), *changed, _indented(f"Next: {finding.advice}", "dim")
    )


def _indented(text: str, style: str = "", by: int = 2) -> RenderableType:
    return Padding(Text(text, style), (0, 0, 0, by))


def _summary(verification: Verification) -> RenderableType:
    proven = sum(proof.status == "proven" for proof in verification.exercises)
    counts, total = verification.counts, len(verification.exercises)
    said = [f"{proven} of {total} {'exercise' if total == 1 else 'exercises'} proven"]
    if counts.mutants:
        equivalent = (
            f", {counts.mutants_equivalent} equivalent" if counts.mutants_equivalent else ""
        )
        said.append(f"{counts.mutants_caught} of {counts.mutants} mutants caught{equivalent}")
    said.append(f"{verification.seconds:.0f} s")
    return Text(" · ".join(said), f"bold {_STYLES[verification.status]}")
