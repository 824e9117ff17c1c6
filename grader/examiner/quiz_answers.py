"""Reads answers to quiz questions in the forms that people write, and shows and compares them.

An answer counts by its meaning: ``twelve``, ``12 rows`` and ``= 12.`` are the number 12. A text
whose meaning is in doubt is never guessed; the grader asks for it again.
"""

import builtins
import itertools
import math
import re
from typing import Any, Final, TypeGuard

import msgspec

from grader.examiner.protocol import AnswerKind
from grader.text import closest


class Raised(msgspec.Struct, frozen=True):
    """The exception that an expression raises."""

    name: str
    """The name of a built-in exception, or ``nothing``."""


Key = tuple[int, ...] | int | float | bool | Raised | None
"""The right answer: a shape, a number, yes or no, an exception, or None."""
NOTHING: Final = Raised("nothing")
MAX_ANSWER: Final = 200
"""Characters of an answer that are read."""

_MINUS: Final = str.maketrans("−–—’", "---'")
"""Typographic signs to the ones that Python reads."""
_QUOTES: Final = " \t\r\n`\"'“”‘„"
_ENDINGS: Final = ".!?;,:"
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_DOUBTS: Final = re.compile(
    r"\b(not|no|none|never|or|about|around|roughly|ca|approx\w*|nearly|almost|maybe|perhaps|guess|"
    r"than|least|most|more|less|fewer|over|under|above|below|up to|between|without|except|either|"
    r"half|times|twice|double\w*|triple\w*|squared|cubed|plus|per|each|minus|un\w+|"
    # Units change a number, too: 8 KiB are 8192 bytes.
    r"dozens?|(?:m|b|tr)illions?|percent|bits?|(?<=[0-9] )[kmgt]|[kmgt]i?b|"
    r"(?:kilo|mega|giga|tera|kibi|mebi|gibi|tebi)\w+)\b|n't\b"
)
"""Words that can change the meaning of a number."""

# Numbers
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?P<mark>[,_'. ])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
"""Digits in groups of three: ``1,200`` or ``1 200``."""
_CHUNK: Final = re.compile(r"(?<![\w.])[+-]?[0-9.][0-9.,_' ]*(?:e[+-]?[0-9]+)?(?!\w)")
_FLOAT: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?")
_WORD_VALUES: Final = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_NUMBER_WORDS: Final = _WORD_VALUES.keys() | _SCALES.keys()

# Shapes
_SHAPE_WORDS: Final = re.compile(
    r"^(?:(?:the|it|its|is|has|a|an|of|with|output|weight|bias|result|answer|tensor|matrix|vector|"
    r"[\w.]*\.?(?:shape|size)s?)\b\s*[:=]?\s*)+"
)
_SHAPE_END: Final = re.compile(r"\s*\b(?:tensor|matrix|vector|shape)$")
_TABLE: Final = re.compile(r"([0-9]+) rows?(?: and|,| x| by| of)? ?([0-9]+) (?:columns?|cols?)")
_SIZE: Final = re.compile(r"(-?[0-9]{1,18})(?:\.0?)?")
_SEPARATOR: Final = re.compile(r"\s*(?:[,;x×*✕]|-?\bby\b-?|\band\b)\s*|\s+")
_X_BETWEEN: Final = re.compile(r"(?<=[0-9])\s*x\s*(?=[0-9])")
_NO_SIZES: Final = ("scalar", "a scalar", "0-d", "0d", "zero-dimensional", "0-dimensional")

# Yes and no
_YES: Final = dict.fromkeys(("yes", "y", "true", "yep", "yeah", "correct"), True)
_NO: Final = dict.fromkeys(("no", "n", "false", "nope"), False)
_YES_OR_NO: Final = {**_YES, **_NO}
_BEFORE_YES_OR_NO: Final = re.compile(r"^(?:(?:it's|that's|it|this|that|is|answer|the)\b[\s:,]*)+")
_NEGATION: Final = re.compile(r"\b(?:not|never)\b|n't\b")

# Exceptions
_EXCEPTIONS: Final = {
    name.lower(): Raised(kind.__name__)
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}
_GENERAL: Final = frozenset((Raised("Exception"), Raised("Warning")))
"""They stand beside the name that is meant: ``an IndexError exception``."""
_MAX_WORDS: Final = 4
"""Words that together are the name of an exception: ``not implemented error``."""
_NOTHING: Final = re.compile(
    r"\bnothing\b|\bnone\b|\bno ?(?:errors?|exceptions?)\b|\b(?:works|fine|ok|succeeds|passes)\b"
)
_RAISES: Final = re.compile(r"\b(?:rais\w*|throw\w*|fail\w*|crash\w*|errors?|exceptions?)\b")
_NO_RAISE: Final = re.compile(r"\b(?:not|never|without|doesnt|wont|cannot)\b|n't\b")
_EXCEPT: Final = re.compile(r"\b(?:but|except|unless|or|if)\b")


def parse_answer(answer: Any, key: Key) -> Key | str:
    """Read ``answer`` as a value of the type of ``key``; return its text if that is impossible.

    A shape can be written ``[5, 4]``, ``5 x 4``, ``5 by 4`` or ``torch.Size([5, 4])``, a number
    ``1,200``, ``twelve`` or ``12 rows``, and an exception ``KeyError``, ``it raises KeyError`` or
    as a traceback's last line.
    """
    text = plain_text(answer)
    if isinstance(key, Raised):
        return _parse_exception(text) or text

    # None can be the answer to any other question.
    if text.lower().rstrip(_ENDINGS) == "none":
        return None
    if isinstance(key, bool):
        said = _parse_yes_or_no(text)
        return text if said is None else said
    if isinstance(key, tuple) or key is None:
        shape = _parse_shape(text)
        return text if shape is None else shape

    number = _parse_number(text)
    if number is None:
        return text
    # 12.0 is a way to write 12.
    if isinstance(key, int) and number.is_integer():
        return int(number)
    return number


def plain_text(answer: Any) -> str:
    """An answer from a sheet as text, without quotes around it."""
    return _written(answer)[:MAX_ANSWER].strip(_QUOTES)


def is_same(answer: Key | str, key: Key) -> bool:
    """Whether a parsed answer equals ``key``."""
    if not _is_number(answer) or not _is_number(key):
        # True equals 1 in Python, so the types must be the same.
        return type(answer) is type(key) and answer == key

    # A misconception may be a quotient such as 32.0 where the key is whole.
    if isinstance(key, int):
        return answer == key
    # People write four or five digits.
    return math.isclose(answer, key, rel_tol=1e-4)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def show_answer(value: Key | str) -> str:
    """Return an answer as text: ``(5, 4)``, ``12``, ``yes``, ``KeyError``."""
    if isinstance(value, Raised):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def kind_of_answer(key: Key) -> AnswerKind:
    """What the right answer is."""
    if isinstance(key, bool):
        return "yes_or_no"
    if isinstance(key, Raised):
        return "exception"
    if isinstance(key, tuple):
        return "shape"
    return "none" if key is None else "number"


def answer_format(key: Key) -> str:
    """Say how to write an answer to a question with this key."""
    if isinstance(key, bool):
        return "yes or no"
    if isinstance(key, Raised):
        return "the name of an exception, such as KeyError, or nothing"
    if isinstance(key, tuple) or key is None:
        return "a shape such as (5, 4)"
    if isinstance(key, float):
        return "a number such as 0.25"
    return "a whole number such as 12"


def how_to_write(text: str, key: Key) -> str:
    """Say how to correct an answer that ``parse_answer`` cannot read."""
    if isinstance(key, Raised):
        found, _ = _exceptions_in(text)
        similar = _similar_exception(text)
        if similar and not found:
            return f"did you mean {similar}?"
    elif _is_number(key):
        meanings = _two_meanings(text)
        # In `7.875 KiB`, neither is meant.
        if meanings is not None and not _DOUBTS.search(text.lower()):
            decimal, whole = meanings
            return f"it can mean {decimal} or {whole}; write one of them"

    return f"write {answer_format(key)}"


def _written(value: Any) -> str:
    """A value of a sheet as it is written in YAML; ``{8, 12}`` is a mapping without values."""
    if isinstance(value, dict):
        entries = list(value.items())[:MAX_ANSWER]
        parts = [f"{key}: {_written(item)}" if item else str(key) for key, item in entries]
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, list):
        parts = [_written(item) for item in value[:MAX_ANSWER]]
        return f"[{', '.join(parts)}]"
    return str(value)


def _unwrapped(text: str) -> tuple[str, bool]:
    """``text`` without the brackets, quotes and periods around it; whether it had brackets."""
    is_bracketed = False
    while True:
        text = text.strip(_QUOTES)
        if len(text) > 1 and text[-1] == _BRACKETS.get(text[0]):
            text = text[1:-1]
            is_bracketed = True
        # The end of a sentence, and no part of an answer.
        elif text.endswith(tuple(".!?;:")):
            text = text[:-1]
        else:
            return text, is_bracketed


def _parse_number(text: str) -> float | None:
    if _two_meanings(text):
        return None

    text, _ = _unwrapped(text.translate(_MINUS).lower())
    text, _ = _unwrapped(re.sub(r"^(?:torch\.)?tensor(?=[(\[])", "", text).removesuffix(","))
    if _DOUBTS.search(re.sub(r"^minus\b", "", text)):
        return None

    found = _CHUNK.findall(text)
    # Two numbers can be a calculation or a doubt.
    if len(found) > 1:
        return None

    rest = _CHUNK.sub(" ", text)
    # Signs around the number could be a calculation.
    if not re.fullmatch(r"[a-z' ,.:=()-]*", rest) or re.search(r"-(?!\w)|(?<!\w)-|[a-z]\(", rest):
        return None

    words = re.findall(r"[a-z]+", rest)
    spelled = [word for word in words if word in _WORD_VALUES or word in _SCALES]
    if not found:
        return _spelled_number(words)
    # Digits and words together, such as `2 hundred`, could mean two numbers.
    if spelled:
        return None
    return _number(found[0].strip(" ,'"))


def _number(chunk: str) -> float | None:
    """The value of digits with separators; None if they are grouped in an unusual way."""
    sign = -1.0 if chunk.startswith("-") else 1.0
    digits = _english_decimal(chunk.lstrip("+-"))
    if digits is None:
        return None

    whole, point, part = digits.partition(".")
    grouped = _GROUPED.fullmatch(whole)
    if grouped:
        digits = whole.replace(grouped["mark"], "") + point + part
    elif _GROUPED.fullmatch(digits):
        # The groups are separated by periods.
        digits = digits.replace(".", "")
    if not _FLOAT.fullmatch(digits):
        return None
    return sign * float(digits)


def _english_decimal(digits: str) -> str | None:
    """A German or French decimal number with a point: `1.200,5` or `0,25`; others as they are.

    None if the comma is more likely a slip.
    """
    _, point, part = digits.partition(".")
    has_only_comma = not point and re.fullmatch(r"[0-9]+,[0-9]+", digits)
    if "," not in part and not has_only_comma:
        return digits
    if _GROUPED.fullmatch(digits):
        return digits

    before, _, after = digits.rpartition(",")
    # `1,00` could have lost a digit.
    if len(after) > 1 and not after.strip("0"):
        return None
    if re.fullmatch(r"0|[0-9]{1,3}(\.[0-9]{3})*", before):
        return f"{before.replace('.', '')}.{after}"
    return digits


def _two_meanings(text: str) -> tuple[str, str] | None:
    """Both readings of ``1.000``, which is one or one thousand."""
    found = re.search(r"(?<![0-9.,])([1-9][0-9]{0,2})\.([0-9]{3})(?![0-9.,]|[eE][+-]?[0-9])", text)
    if found is None:
        return None
    decimal = f"{found[1]}.{found[2]}".rstrip("0").rstrip(".")
    return decimal, f"{found[1]}{found[2]}"


def _spelled_number(words: list[str]) -> float | None:
    """The value of the number words in ``words``: they stand together, with ``and`` between."""
    places = [place for place, word in enumerate(words) if word in _NUMBER_WORDS]
    if not places:
        return None

    first, last = places[0], places[-1]
    total = 0
    current = 0
    # The value of the word before, if another one may complete it: `twenty` in `twenty three`.
    smallest = math.inf
    for word in words[first : last + 1]:
        if word == "and":
            continue
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total += current
                current = 0
            smallest = math.inf
            continue

        value = _WORD_VALUES.get(word)
        if value is None:
            return None
        # `two three` and `three twenty` are two numbers.
        completes = smallest >= 20 and value < 10
        if smallest < math.inf and not completes:
            return None
        current += value
        smallest = value

    number = float(total + current)
    if first > 0 and words[first - 1] == "minus":
        return -number
    return number


def _parse_shape(text: str) -> tuple[int, ...] | None:
    lowered = text.translate(_MINUS).lower().strip().rstrip(".!")
    if lowered in _NO_SIZES:
        return ()

    table = _TABLE.fullmatch(lowered)
    if table is not None:
        rows, columns = table.groups()
        return int(rows), int(columns)

    without_words = _SHAPE_WORDS.sub("", lowered)
    bare, has_brackets = _unwrapped(without_words)
    without_words = _SHAPE_END.sub("", bare)
    bare, has_more_brackets = _unwrapped(without_words)
    if not bare:
        # Without brackets, an empty answer is not the shape of a scalar.
        return () if has_brackets or has_more_brackets else None

    # One comma may end a shape, as in `(5,)`. Two commas are a mistake.
    bare = bare.removesuffix(",").rstrip()
    bare = _X_BETWEEN.sub(" x ", bare)
    sizes = []
    for part in _SEPARATOR.split(bare):
        size = _SIZE.fullmatch(part)
        if size is None:
            return None
        sizes.append(int(size[1]))

    return tuple(sizes)


def _parse_yes_or_no(text: str) -> bool | None:
    bare, _ = _unwrapped(text.lower())
    bare = _BEFORE_YES_OR_NO.sub("", bare)
    words = re.findall(r"[a-z']+", bare)
    # A sign or a digit before the word could change its meaning.
    if not words or not bare.startswith(words[0]):
        return None

    said = _YES_OR_NO.get(words[0])
    if said is None:
        return None

    # `yes and no` and `yes, it does not` say two things.
    if "but" in words:
        return None

    for word in words[1:]:
        if _YES_OR_NO.get(word, said) != said:
            return None

    if said and _NEGATION.search(bare):
        return None
    return said


def _parse_exception(text: str) -> Raised | None:
    # A traceback's last line has the message after a colon, and a call has it in brackets.
    for part in (re.split(r"[:(]", text)[0], text):
        found, words_left = _exceptions_in(part)
        sentence = " ".join(words_left)
        # `IndexError or nothing` says two things, and `anything but IndexError` says none.
        is_denied = _NO_RAISE.search(sentence) or {"no", "or", "anything"} & set(words_left)
        says_nothing = _says_nothing(part)
        # `it raises no Exception`, `an exception` and `Exception: KeyError` do not mean this class.
        if found <= _GENERAL and (words_left or part != text):
            found = set()
        if len(found) == 1 and not says_nothing and not is_denied:
            return found.pop()
        if not found and says_nothing:
            return NOTHING
        if found:
            return None

    return None


def _says_nothing(text: str) -> bool:
    sentence = re.sub(r"[_-]", " ", text.lower())
    if _EXCEPT.search(sentence):
        return False
    if re.search(r"\bnot?\b (?:work|fine|ok|nothing)|n't (?:work|succeed|pass)", sentence):
        return False
    if _NOTHING.search(sentence):
        return True
    return bool(_NO_RAISE.search(sentence) and _RAISES.search(sentence))


def _exceptions_in(text: str) -> tuple[set[Raised], list[str]]:
    """The exceptions that ``text`` names, and the words that belong to none of them."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    found: set[Raised] = set()
    left = []
    place = 0
    while place < len(words):
        # The longest name first: `index error` is one name, and `error` none.
        for number in range(_MAX_WORDS, 0, -1):
            name = "".join(words[place : place + number])
            if name in _EXCEPTIONS:
                found.add(_EXCEPTIONS[name])
                place += number
                break
        else:
            left.append(words[place])
            place += 1

    specific = found - _GENERAL
    return specific or found, left


def _similar_exception(text: str) -> str:
    words = re.findall(r"[a-z]+", text.lower())
    names = {name: raised.name for name, raised in _EXCEPTIONS.items()}
    # One word, or two that were written apart.
    tried = words + [first + second for first, second in itertools.pairwise(words)]
    for word in tried[:20]:
        # `error` alone resembles many names.
        if len(word) < 7:
            continue
        # With 0.8, `an error` would be taken for TabError.
        near = closest(word, names, cutoff=0.81)
        if near:
            return names[near]

    return ""
