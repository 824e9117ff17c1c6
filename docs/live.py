"""Makes the live examples of the site and ``report.png``: ``python docs/live.py``.

It grades the made-up class of ``grade demo``, keeps the page of the class and the page of one
learner in ``docs/live``, and takes a picture of the former with Chromium.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
LIVE = DOCS / "live"
PICTURE = DOCS / "report.png"
TITLE = "Embeddings, autumn 2026"
"""The folder of the submissions, whose name is the title of the page."""
EXERCISES = ("exercise1", "exercise2", "exercise3")
"""As many as a picture shows well."""
EXERCISE = "exercise1"
WIDTH, HEIGHT = 1200, 1920


def grade(*words: str, folder: str) -> None:
    """Run a command of the grader in ``folder``."""
    subprocess.run([sys.executable, "-m", "grader", *words], cwd=folder, check=True)


def write_course(folder: Path) -> None:
    """A course with some exercises of ours."""
    for side in ("exercises", "solutions"):
        for exercise in EXERCISES:
            shutil.copytree(ROOT / side / exercise, folder / side / exercise)


def take_picture(page: Path, folder: Path) -> None:
    """Show the page in a browser without a window, and keep what it shows."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise SystemExit("no Chromium here: apt-get install chromium, or set CHROMIUM")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'browser'}",
        f"--window-size={WIDTH},{HEIGHT}",
        f"--screenshot={PICTURE}",
    ]
    subprocess.run([chromium, *options, page.as_uri()], check=True)


def telling_page(graded: Path) -> str:
    """The shortest page of a learner with passed checks and a mistake that has an explanation."""
    pages = [page.read_text(encoding="utf-8") for page in graded.glob(f"feedback/*/{EXERCISE}.md")]
    telling = [page for page in pages if "passed" in page and "**Why:**" in page]
    if not telling:
        raise SystemExit(f"no page of {EXERCISE} explains a mistake beside passed checks")
    return min(telling, key=len)


def main() -> None:
    """Make the class, grade it, and keep its pages."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "course")
        write_course(course)
        words = ("--course", str(course))
        grade("demo", TITLE, "--learners", "28", *words, folder=folder)
        grade("batch", TITLE, "--out", "graded", *words, folder=folder)
        graded = Path(folder, "graded")
        LIVE.mkdir(exist_ok=True)
        shutil.copyfile(graded / "report.html", LIVE / "class.html")
        (LIVE / "learner.md").write_text(telling_page(graded), encoding="utf-8")
        take_picture(LIVE / "class.html", Path(folder))


if __name__ == "__main__":
    main()
