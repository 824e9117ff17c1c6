"""The table of all benchmarks, as in docs/performance.md."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.benchmarks.measure import Row

HEADER = ("part", "what", "ours", "beside it", "ratio", "asked")


def markdown(parts: Mapping[str, Sequence[Row]]) -> str:
    """Return the rows of each part as an aligned Markdown table."""
    lines = [HEADER]
    for name, rows in parts.items():
        lines += [
            (
                f"`{name}`" if row is rows[0] else "",
                row.what,
                row.ours,
                row.beside,
                row.ratio,
                row.bound,
            )
            for row in rows
        ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    padded = [
        [cell.replace("|", r"\|").ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def machine(runs: int, began: datetime) -> str:
    """Return a sentence with the machine and the date."""
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    there = (
        f"{len(os.sched_getaffinity(0))} cores of {_processor()}",
        f"{gigabytes:.0f} GiB",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        f"PyTorch {metadata.version('torch')}",
    )
    medians = f"Medians of {runs} runs, of {min(runs, 3)} where one is long."
    return f"{began:%d %B %Y, %H:%M} UTC, {minutes:.0f} min: {', '.join(there)}. {medians}"


def _processor() -> str:
    """Return the CPU model (proc(5), cpuinfo), or the architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")),
        platform.machine(),
    )
