"""A CSV file of another system: only the filled cells change."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.report.export.worksheet import Worksheet

FILES = {
    "plain": "a,b\n1,2\n",
    "carriage returns": "a,b\r\n1,2\r\n",
    "old carriage returns": "a,b\r1,2\r",
    "byte order mark": "\ufeffa,b\n1,2\n",
    "quoted": '"a","b"\n"1","2"\n',
    "mixed": 'a,"b"\n"1",2',
    "quotes and commas": 'a,"b, ""c"""\n"x\ny",\n',
    "semicolons": "a;b\n1,5;2\n",
    "tabs": "a\tb\n1\t2\n",
    "blank lines": "a,b\n\n1,2\n\n\n",
    "short and long rows": "a,b\n1\n1,2,3\n",
    "spaces": " a , b\n 1,2 \n",
    "after a quote": '"a" x,b\n1,2\n',
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_filled_is_nothing_changed(name):
    """Without a value to fill in, every byte stays the same."""
    content = FILES[name].encode()
    assert Worksheet.read(content, "f.csv").filled({}) == content


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2),
        min_size=1,
    )
)
def test_reads_what_python_writes(rows):
    """A file from the csv module gives the same values, and is written as the same bytes."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    content = text.getvalue().encode()
    if len(rows[0]) > 1 and not any(mark in "".join(rows[0]) for mark in ";\t\ufeff"):
        sheet = Worksheet.read(content, "f.csv")
        assert sheet.rows == rows
        assert sheet.filled({}) == content


def test_a_filled_cell_follows_the_quoting_of_its_file():
    """A cell is quoted if the old one was, if its whole row is, or if it must be."""
    assert (
        Worksheet.read(b'a,b\n1,"2"\n', "f").filled({(1, 0): "7", (1, 1): "8"}) == b'a,b\n7,"8"\n'
    )
    assert Worksheet.read(b'"a","b"\n"1",""\n', "f").filled({(1, 1): "8"}) == b'"a","b"\n"1","8"\n'
    assert Worksheet.read(b"a,b\n1,2\n", "f").filled({(1, 1): '1,5 "x"'}) == b'a,b\n1,"1,5 ""x"""\n'


def test_a_short_row_grows():
    """If a row ends before the column, empty cells are added."""
    assert (
        Worksheet.read(b"a,b,c\n1\n2,3,4\n", "f").filled({(1, 2): "9"}) == b"a,b,c\n1,,9\n2,3,4\n"
    )


def test_what_is_filled_in_is_no_formula():
    """A value that a spreadsheet would run gets an apostrophe; other cells stay unchanged."""
    content = Worksheet.read(b"a,b\n=1+1,-\n", "f").filled({(1, 1): "=2+2"})
    assert content == b"a,b\n=1+1,'=2+2\n"
    assert Worksheet.read(b"a,b\n1,2\n", "f").filled({(1, 1): "-"}) == b"a,b\n1,-\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"PK\3\4\0\0", "not a CSV file"),
        ("a,ü\n".encode("latin-1"), "not UTF-8"),
        (b'a,b\n1,2\n"x,3\n4,5\n', "line 3: a quote that is never closed"),
    ],
)
def test_what_is_no_csv_is_told(content, said):
    """A file that is not CSV is an error that names the place."""
    with pytest.raises(UsageError, match=said):
        Worksheet.read(content, "f.csv")
