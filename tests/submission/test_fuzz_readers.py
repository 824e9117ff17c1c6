"""Mutated files for each reader of files from outside: only our own errors come out.

A seeded generator spoils good files: some hundred, more with ``--fuzz-replies``, and more than a
million with ``--slow``.
"""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import random
import tarfile
import time
import zipfile

import pytest
import torch

from grader.course import yaml_reader
from grader.course.assignment import read_assignment
from grader.errors import GraderError
from grader.grades.gradebook import Gradebook
from grader.grades.learner import Learner
from grader.programs import stream
from grader.report.export.worksheet import Worksheet
from grader.sandbox import values, wire
from grader.submission import archives, notebook
from grader.submission.files import Submission
from grader.submission.roster_file import read_roster
from grader.submission.sheet_reader import read_sheet

CELLS = [
    {"cell_type": "markdown", "source": "# é", "metadata": {}},
    {"cell_type": "code", "source": ["%%grade double --seed 7\n", "x = 1\n"], "outputs": [None]},
    {"cell_type": "code", "source": "%%grade double\r\n  y = '\ud800'", "outputs": [{"a": 1.5}]},
]
YAML = (
    b"learner: 'ada'\nweight: (3, 4)\nhas_bias: \"no\" # so\nmore: [1, {a: b}]\ntext: |\n  a\n  b\n"
)
ASSIGNMENT = b"""format: 1
title: Week 1
time_zone: Europe/Berlin
due: 2026-10-17 23:59
closes: 2026-10-24 23:59
exercises: {double: 2, sizes: 1}
late: {grace_minutes: 15, percent_per_day: 10, free_days: 3}
extensions:
  - {learner: ada, due: 2026-10-20 23:59, reason: illness}
"""
ROSTER = '\ufeffLast name,First name,Email,Number\nLovelace,Ada,ada@x.org,1\n"O, b",Bob,b@x,2\n'
# What often means something in one of the formats.
WORDS = [
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\n", b"\r", b"\t", b"*a", b"&a", b"<<: "),
    *(b"!!python/object:os.system ", b"{", b"[", b"]", b"}", b":", b"- ", b",", b";", b"#", b"NaN"),
    *(b"\\ud800", b"-Infinity", b"1e999", b"PK\x01\x02", b"\x7f" * 8, b"\xff" * 8, b"../", b"null"),
    *(b"[" * 3000, b"9" * 5000, b"{a: " * 100, b"%%grade double", b"\\u0000", b"\xe2\x80\xa8"),
]


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/double.py", "x = 1\n" * 50)
        archive.writestr("ada/sub/note.txt", "é")
    return stream.getvalue()


def tarred(compressed=False):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("ada/double.py", "ada/" + "long" * 40 + ".py"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"x=1"))
    return gzip.compress(stream.getvalue(), mtime=0) if compressed else stream.getvalue()


def kept(tmp_path):
    with Gradebook(tmp_path / "good.db", create=True) as gradebook:
        gradebook.note({"title": "A", "notices": "[]"})
        gradebook.add_learners([Learner(name, [name]) for name in ("ada", "bob")])
    return (tmp_path / "good.db").read_bytes()


def unpacked(path):
    with contextlib.ExitStack() as stack:
        folder = path.with_name(f"{path.name}-{time.monotonic_ns()}")
        stack.callback(archives_removed, folder)
        archives.unpack(path, folder, lambda _: True)


def archives_removed(folder):
    for file in sorted(folder.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    folder.rmdir()


def opened(path):
    with Gradebook(path) as gradebook:
        gradebook.notices()
        gradebook.learners()
        list(gradebook.latest())


def reply():
    tensors = [torch.ones(2, 3), torch.tensor([True]), torch.zeros(0, dtype=torch.int64)]
    value = (tensors, {"a": 0.5, 1: None}, "é" * 20, torch.float32, -(2**40))
    return wire.pack(wire.Returned(1, values.encode(value)))[wire.HEADER :]


def replied(path):
    payload = path.read_bytes()
    wire.check_size(payload)
    message = wire.unpack(payload, wire.Reply)
    if isinstance(message, wire.Returned):
        values.decode_and_measure(message.value)


@pytest.fixture
def readers(tmp_path, quiz):
    """Name of a format to a good file, its name, and the function that reads the path."""
    return {
        "notebook": (
            json.dumps({"cells": CELLS, "nbformat": 4}).encode(),
            "a.ipynb",
            lambda path: notebook.code_cells(path, path.read_bytes()),
        ),
        "yaml": (YAML, "a.yaml", lambda path: yaml_reader.load(path.read_bytes(), "a.yaml")),
        "sheet": (
            YAML,
            "quiz.yaml",
            lambda path: read_sheet(quiz, Submission("quiz.yaml", path.read_bytes())),
        ),
        "zip": (zipped(), "a.zip", unpacked),
        "tar": (tarred(), "a.tar", unpacked),
        "tar.gz": (tarred(compressed=True), "a.tar.gz", unpacked),
        "tar.bz2": (bz2.compress(tarred()), "a.tar.bz2", unpacked),
        "tar.xz": (lzma.compress(tarred()), "a.tar.xz", unpacked),
        "roster": (ROSTER.encode(), "roster.csv", read_roster),
        "export": (
            ROSTER.encode(),
            "export.csv",
            lambda path: Worksheet.read(path.read_bytes(), "a"),
        ),
        "gradebook": (kept(tmp_path), "gradebook.db", opened),
        "assignment": (
            ASSIGNMENT,
            "assignment.yaml",
            lambda path: read_assignment(path, {"double", "sizes"}),
        ),
        "request": (
            b'{"id": [1, {"a": null}], "exercise": "double", "source": "x = 1\\n", "seeds": 2}\n',
            "request.json",
            lambda path: (stream._id_of(path.read_bytes()), stream._parsed(path.read_bytes())),
        ),
        "reply": (reply(), "reply", replied),
    }


def spoilt(good, chance):
    """A good file with one to four changes: cut, changed, doubled, or with a word in it."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.choice((1, 1, 2, 8, 200)))
        match chance.randrange(6):
            case 0:
                del data[place:end]
            case 1:
                data[place:place] = data[place:end] * chance.choice((1, 3))
            case 2:
                data[place:end] = bytes(chance.randrange(256) for _ in range(end - place))
            case 3:
                data[place:place] = chance.choice(WORDS)
            case 4 if place < len(data):
                data[place] ^= 1 << chance.randrange(8)
            case 5 if chance.random() < 0.2:
                del data[place:]
    return bytes(data)


@pytest.mark.parametrize("count", [None, pytest.param(111_111, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    [
        *("notebook", "yaml", "sheet", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"),
        *("roster", "export", "gradebook"),
        *("assignment", "request", "reply"),
    ],
)
def test_spoilt_file(readers, tmp_path, name, count, request):
    """A spoilt file is read or refused by one of our errors, in less than a second of work."""
    good, file, read = readers[name]
    path = tmp_path / file
    path.write_bytes(good)
    read(path)
    chance = random.Random(name)
    replies = request.config.getoption("--fuzz-replies")
    for number in range(count or replies // len(readers)):
        data = spoilt(good, chance)
        path.write_bytes(data)
        started = time.process_time()
        try:
            with contextlib.suppress(GraderError):
                read(path)
        except Exception as error:
            raise AssertionError(f"{name} {number}: {data[:300]!r}") from error
        assert time.process_time() - started < 1, data[:300]
