"""A real browser for the pages, where this machine has one."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

QUIET = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
    ),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """Headless Chromium; set ``CHROMIUM`` and ``CHROMEDRIVER`` to use other programs."""
    programs = [
        os.environ.get(name.upper()) or shutil.which(name) or shutil.which(other)
        for name, other in (
            ("chromium", "google-chrome"),
            ("chromedriver", "chromium.chromedriver"),
        )
    ]
    if None in programs:
        pytest.skip("no Chromium with its driver here: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = programs[0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for word in (*QUIET, f"--user-data-dir={folder}"):
            options.add_argument(word)
        driver = webdriver.Chrome(options=options, service=Service(programs[1]))
        yield driver
        driver.quit()
