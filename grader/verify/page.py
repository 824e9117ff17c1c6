"""A verification as a page and as JSON."""

from collections.abc import Iterator
from typing import Final, TextIO

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader import text
from grader.report.terminal.grade_page import show
from grader.verify.records import Counts, Finding, Proof, Rule, Status, Verification
from grader.verify.strength import Strength

_STYLES: Final[dict[Status, str]] = {
    "proven": "green",
    "unproven": "red",
    "broken": "red",
    "ungraded": "magenta",
}
_MARKS: Final[dict[Status, str]] = {"proven": "✓", "unproven": "✗", "broken": "✗", "ungraded": "?"}


def as_json(verification: Verification | Strength) -> str:
    """One indented JSON object; ``docs/verification.md`` defines its keys."""
    return text.indented_json(verification)


def write(verification: Verification, stream: TextIO) -> None:
    """Write the page: in color to a terminal, as plain text elsewhere or with ``NO_COLOR``."""
    parts = [_table(verification.exercises), *_findings("the course", verification.findings)]

    for proof in verification.exercises:
        parts += _findings(proof.exercise, proof.findings)

    parts += [Text(), _summary(verification)]
    show(Group(*parts), stream)


def _table(proofs: list[Proof]) -> RenderableType:
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        expand=True,
        border_style="dim",
        header_style="dim",
    )

    # Long names wrap, so that the numbers of all rows stay in their columns.
    table.add_column("exercise", ratio=1, min_width=10, overflow="fold")
    for name in ("solution", "mistakes", "outsiders", "mutants", "draws"):
        table.add_column(name, justify="right")

    # Wide enough for most verdicts, so that the columns stay in place from run to run.
    table.add_column("", min_width=12)

    for proof in proofs:
        verdict = Text(_verdict(proof), _STYLES[proof.status])
        table.add_row(proof.exercise, *_cells(proof.counts), verdict)

    return table


def _verdict(proof: Proof) -> str:
    mark = _MARKS[proof.status]
    if proof.earlier:
        return f"{mark} unchanged"
    if proof.status != "unproven":
        return f"{mark} {proof.status}"

    return f"{mark} {text.count(len(proof.findings), 'finding')}"


def _cells(counts: Counts) -> Iterator[str]:
    """How much succeeded out of how much was tried, column by column."""
    yield _ratio(counts.seeds_passed, counts.seeds)
    yield _ratio(counts.wrong_caught, counts.wrong)
    yield _ratio(counts.outsiders_judged, counts.outsiders)

    mutants = _ratio(counts.mutants_caught, counts.mutants)
    if counts.mutants_equivalent:
        # They are neither caught nor a gap in the checks.
        mutants = f"{mutants} +{counts.mutants_equivalent}"

    yield mutants

    draws = _ratio(counts.draws, counts.draws_possible)
    if counts.draws and counts.draws == counts.draws_possible:
        # Nearly all quizzes try all draws, and large numbers leave little room for names.
        draws = str(counts.draws)

    yield draws


def _ratio(part: int, whole: int) -> str:
    if not whole:
        return "–"
    return f"{part}/{whole}"


def _findings(name: str, findings: list[Finding]) -> Iterator[RenderableType]:
    if not findings:
        return

    yield Text()
    yield Text(name, "bold")
    for finding in findings:
        lines = Group(*_finding(finding))
        yield Padding.indent(lines, 2)


def _finding(finding: Finding) -> Iterator[RenderableType]:
    head = Text.assemble((finding.rule.value, "red"), "  ", (finding.place, "bold"))
    yield head
    if finding.rule is Rule.UNFINISHED:
        # There are many of these, and each says by itself what to write.
        head.append(f"  {finding.problem}", "not bold")
        return

    yield Padding.indent(Text(finding.problem), 2)
    for line in finding.difference:
        style = "green" if line.startswith("+") else "red"
        yield Padding.indent(Text(line, style), 4)

    yield Padding.indent(Text(f"Next: {finding.advice}", "dim"), 2)
    for line in finding.snippet:
        yield Padding.indent(Text(line, "dim"), 4)


def write_strength(strength: Strength, stream: TextIO) -> None:
    """Write what each check catches alone."""
    show(Group(*_strength_lines(strength)), stream)


def _strength_lines(strength: Strength) -> Iterator[RenderableType]:
    for exercise in strength.exercises:
        submissions = text.count(exercise.tried, "wrong submission")
        yield Text.assemble((exercise.exercise, "bold"), f"  {submissions} tried")
        for check in exercise.checks:
            said = f"catches {check.caught}, {len(check.alone)} of them alone"
            style = "green"
            if not check.alone:
                said = f"catches {check.caught}, none of them alone"
                style = "yellow"

            yield Padding.indent(Text.assemble((check.check, style), f"  {said}"), 2)
            for name in check.alone:
                yield Padding.indent(Text(name, "dim"), 4)

        yield Text()


def _summary(verification: Verification) -> RenderableType:
    proven = [proof for proof in verification.exercises if proof.status == "proven"]
    total = len(verification.exercises)
    parts = [f"{len(proven)} of {text.count(total, 'exercise')} proven"]

    # A course of quizzes has no mutants.
    counts = verification.counts
    if counts.mutants:
        mutants = f"{counts.mutants_caught} of {counts.mutants} mutants caught"
        if counts.mutants_equivalent:
            mutants = f"{mutants}, {counts.mutants_equivalent} equivalent"

        parts.append(mutants)

    parts.append(f"{verification.seconds:.0f} s")
    style = _STYLES[verification.status]
    return Text(" · ".join(parts), f"bold {style}")
