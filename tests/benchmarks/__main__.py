"""Performance, as ratios of things measured side by side: ``python -m tests.benchmarks``.

Every figure is the median of interleaved runs (A B A B …), so that a machine
whose speed drifts moves both sides alike. ``docs/performance.md`` says what is behind them.
"""

import argparse
import os
import platform
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.benchmarks.classes import batch, growth
from tests.benchmarks.cluster import cluster, ingest, memory
from tests.benchmarks.measure import Row
from tests.benchmarks.peers import compare
from tests.benchmarks.saves import saves
from tests.benchmarks.starting import cold, startup
from tests.benchmarks.wall import wall
from tests.benchmarks.warm import warm

BENCHMARKS: dict[str, Callable[[int], list[Row]]] = {
    "startup": startup,
    "cold": cold,
    "wall": wall,
    "warm": warm,
    "saves": saves,
    "batch": batch,
    "growth": growth,
    "cluster": cluster,
    "cluster-memory": memory,
    "ingest": ingest,
    "peers": compare,
}
LONG = ("growth", "cluster", "cluster-memory", "peers")


def main() -> None:
    """Run the chosen benchmarks and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    which = f"which to run (all but {', '.join(LONG)}, which take minutes)"
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help=which)
    parser.add_argument("--runs", type=int, default=7, help="interleaved runs of each side (7)")
    arguments = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("benchmark", "what", "ours", "beside", "ratio", "bound", caption=f"{machine}, {arguments.runs} runs")
    for name in arguments.names or [name for name in BENCHMARKS if name not in LONG]:
        for row in BENCHMARKS[name](arguments.runs):
            table.add_row(name, row.what, row.ours, row.beside, row.ratio, row.bound)
    # As wide as it is: a table that is sent to a file is not cut to 80 columns.
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
