"""Benchmarks that compare the grader with other programs: ``python -m tests.benchmarks``.

Prints one table in Markdown. Each figure is the median of interleaved runs (A B A B …), so a
machine whose speed drifts affects both sides alike. ``docs/performance.md`` explains them.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.benchmarks import cluster, table
from tests.benchmarks.before import before
from tests.benchmarks.classes import batch, growth
from tests.benchmarks.finding import finding
from tests.benchmarks.gpu import gpu
from tests.benchmarks.ingest import ingest
from tests.benchmarks.measure import Row
from tests.benchmarks.peers import compare
from tests.benchmarks.programs import programs
from tests.benchmarks.sandbox import sandbox
from tests.benchmarks.saves import saves
from tests.benchmarks.spawned import spawned
from tests.benchmarks.starting import cold, resident, startup
from tests.benchmarks.warm import warm

PARTS: dict[str, Callable[[int], list[Row]]] = {
    "startup": startup,
    "cold": cold,
    "resident": resident,
    "spawned": spawned,
    "warm": warm,
    "before": before,
    "sandbox": sandbox,
    "watch": saves,
    "batch": batch,
    "finding": finding,
    "programs": programs,
    "growth": growth,
    "cluster": cluster.cluster,
    "cluster-workers": cluster.workers,
    "cluster-memory": cluster.memory,
    "ingest": ingest,
    "gpu": gpu,
    "peers": compare,
}
LONG = ("growth", "cluster", "cluster-workers", "cluster-memory", "peers")
WRONG = "went wrong"


def main() -> None:
    """Run the chosen parts and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        choices=[[], *PARTS],
        metavar="PART",
        help=f"{', '.join(PARTS)}; all if none is named",
    )
    parser.add_argument(
        "--short", action="store_true", help=f"leave out the long parts: {', '.join(LONG)}"
    )
    parser.add_argument("--runs", type=int, default=7, help="interleaved runs of each side (7)")
    arguments = parser.parse_args()
    names = arguments.names or [name for name in PARTS if not (arguments.short and name in LONG)]
    began = datetime.now(UTC)
    measured: dict[str, list[Row]] = {}
    try:
        for name in names:
            measured[name] = _measured(name, arguments.runs)
    finally:
        # Also after Ctrl-C, because some parts take minutes.
        print(table.markdown(measured), "", table.machine(arguments.runs, began), sep="\n")
    if any(row.what.startswith(WRONG) for rows in measured.values() for row in rows):
        sys.exit(1)


def _measured(name: str, runs: int) -> list[Row]:
    """Measure one part; an error becomes a row, so that the parts before it are not lost."""
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        rows = PARTS[name](runs)
    except Exception as error:
        rows = [Row(f"{WRONG} ({type(error).__name__})", str(error).replace("\n", " ")[:200])]
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    return rows


if __name__ == "__main__":
    main()
