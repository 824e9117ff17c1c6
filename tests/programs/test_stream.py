"""``grade stream``: JSON Lines in and out, with clients in two languages."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.grading import SMALL_COURSE

GOOD = "import torch\n\ndef double(x):\n    return torch.mul(x, 2)\n"
WRONG = "def double(x):\n    return x * 3\n"
COMMAND = [
    str(Path(sys.executable).parent / "grade"),
    *("stream", "--workers", "2", "--seed", "7", "--course", str(SMALL_COURSE)),
]
NODE = """
const {spawn} = require('node:child_process');
const [command, ...words] = process.argv.slice(1);
const stream = spawn(command, words, {stdio: ['pipe', 'pipe', 'inherit']});
const lines = require('node:readline').createInterface({input: stream.stdout});
const rewards = {};
lines.on('line', line => { const grade = JSON.parse(line); rewards[grade.id] = grade.reward; });
lines.on('close', () => console.log(JSON.stringify(rewards)));
const good = 'import torch\\ndef double(x):\\n    return torch.mul(x, 2)\\n';
for (const [id, source] of Object.entries({first: good, zweite: 'ä = "' + '\\u{1F600}' + '"'}))
    stream.stdin.write(JSON.stringify({id, exercise: 'double', source}) + '\\n');
stream.stdin.end();
"""


@pytest.fixture
def stream() -> Iterator[subprocess.Popen[bytes]]:
    """The command, as a program starts it."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def request(**keys: object) -> bytes:
    """One line of the input."""
    return json.dumps(keys).encode() + b"\n"


def answers(stream: subprocess.Popen[bytes], number: int) -> dict[object, dict]:
    """The next answers by their ids; those without an id by their lines."""
    assert stream.stdout is not None
    found = {}
    for _ in range(number):
        answer = json.loads(stream.stdout.readline())
        found[answer.get("id") or f"line {answer['line']}"] = answer
    return found


def test_answers_every_line(stream):
    """Each line gets an answer with its id, a malformed one the reason; then the stream ends."""
    lines = [
        request(id="good", exercise="double", source=GOOD),
        request(id=2, exercise="double", source=WRONG, seeds=2),
        b"\n",
        b"{bad\n",
        b'["a list"]\n',
        request(id="unknown", exercise="nothing", source=GOOD),
        request(id="path", exercise="double", source="double.py"),
        request(id="short", exercise="double"),
        b"[" * 100_000 + b"\n",
        request(id="large", exercise="double", source="x" * 17 * 2**20),
        # The last one has no end of line.
        request(id="last", exercise="double", source=GOOD).strip(),
    ]
    out, _ = stream.communicate(b"".join(lines), timeout=60)
    found = {}
    for line in out.splitlines():
        answer = json.loads(line)
        found[answer.get("id") or f"line {answer['line']}"] = answer
    assert stream.returncode == 0
    assert len(found) == 10
    assert {name: found[name]["reward"] for name in ("good", 2, "path", "last")} == {
        "good": 1,
        2: 0.2,
        "path": 0,
        "last": 1,
    }
    assert found["good"]["exercise"] == "double"
    assert found["good"]["seed"] == 7
    assert "no JSON object" in found["line 4"]["error"]
    assert "no JSON object" in found["line 5"]["error"]
    assert "there is no exercise `nothing`" in found["unknown"]["error"]
    assert "missing required field `source`" in found["short"]["error"]
    assert set(found["line 9"]) == {"id", "line", "error"}
    assert found["large"]["error"] == "the line is longer than 16 MiB"


def test_lines_of_a_stranger(stream):
    """Whatever a line contains, it gets an answer, and the lines after it are graded."""
    lines = [
        b'{"id":"\xff","exercise":"double","source":"x"}\n',
        b'{"id":"bytes","exercise":"double","source":"\xff"}\n',
        b'{"id":[' + b"[]," * 5000 + b'1],"exercise":"double","source":"x"}\n',
        request(id="endless", exercise="double", source=GOOD, seeds=10**11),
        request(id={"a": [1, None]}, exercise="nothing", source=GOOD),
        request(id="last", exercise="double", source=GOOD),
    ]
    out, _ = stream.communicate(b"".join(lines), timeout=60)
    found = [json.loads(line) for line in out.splitlines()]
    assert stream.returncode == 0
    assert [answer.get("line") for answer in found] == [1, 2, 3, 4, 5, None]
    assert found[2]["error"].startswith("the id is longer than 4096 bytes")
    assert "seeds=100000000000: at most 1000 are possible" in found[3]["error"]
    assert found[4]["id"] == {"a": [1, None]}
    assert (found[5]["id"], found[5]["reward"]) == ("last", 1)


def test_id_of_a_line_that_cannot_be_read(stream):
    """Where the id can be read, the answer has it, also if the rest of the line is malformed."""
    cases = [
        (3, b'{"id":3,"exercise":"double","source":"\\ud800"}'),
        (4, b'{"exercise":"double","source":"a\\\\\\udfff","id":4}'),
        ("\U0001f600", b'{"exercise":"double","source":"\\uD83D","id":"\\ud83d\\ude00"}'),
        ("\\ud800", b'{"exercise":"nothing","source":"x","id":"\\\\ud800"}'),
        (None, b'{"id":"\\ud800","exercise":"double","source":"x"}'),
        (5, b'{"id":5,"exercise":"double","source":"\\q"}'),
        ("6", b'{"id": "6", "exercise":"double","source":"x'),
        (7, b'{"id":7,"exercise":"double","source":' + b"[" * 5000),
        (None, b'{"id":nan,"exercise":"double","source":"x"}'),
        (None, b'{"id":{"a":1},"exercise":"double","source":"\\q"}'),
        (8, b'{"id":8,"exercise":"double","source":"\xed\xa0\x80"}'),
    ]
    out, _ = stream.communicate(b"\n".join(line for _, line in cases), timeout=60)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["id"] for answer in answers] == [name for name, _ in cases]
    assert all(answer["error"] for answer in answers)
    assert answers[0]["error"].startswith("a text has half of a surrogate pair")
    assert answers[4]["error"].startswith("the id has half of a surrogate pair")


def test_sigterm(stream):
    """SIGTERM ends the stream after the answers to all that it has read."""
    assert stream.stdin is not None
    stream.stdin.write(request(id=1, exercise="double", source=GOOD))
    stream.stdin.flush()
    assert answers(stream, 1)[1]["passed"]
    stream.send_signal(signal.SIGTERM)
    assert stream.wait(30) == 0


@pytest.mark.slow
def test_reader_that_goes_away(stream):
    """A stream whose answers nobody reads ends."""
    assert stream.stdin is not None and stream.stdout is not None
    stream.stdout.close()
    stream.stdin.write(request(id=1, exercise="double", source=GOOD))
    stream.stdin.flush()
    assert stream.wait(30) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_answers_that_cannot_be_written():
    """On a full disk, the stream stops with one sentence and does not read on."""
    lines = [request(id=1, exercise="double", source=GOOD) for _ in range(40)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            COMMAND, input=b"".join(lines), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 3
    [sentence] = done.stderr.decode().splitlines()
    assert "No space left on device" in sentence


@pytest.mark.parametrize("course", ["/missing", "."])
def test_no_course(course, tmp_path):
    """A folder that is no course ends the stream at once, with one sentence."""
    command = [*COMMAND, "--course", course]
    line = request(id=1, exercise="double", source=GOOD)
    done = subprocess.run(command, input=line, capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    [sentence] = done.stderr.decode().splitlines()
    assert sentence.startswith("grade: ")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_client_in_another_language():
    """A program of Node.js sends requests and reads the grades."""
    # With one worker, because a second one would start for one submission.
    command = [*COMMAND, "--workers", "1"]
    done = subprocess.run(
        ["node", "-e", NODE, "--", *command], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) == {"first": 1, "zweite": 0}
