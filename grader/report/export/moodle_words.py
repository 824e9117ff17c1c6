"""Words that Moodle writes into its files, in the languages of its sites.

A file's columns are found by their content first. These words decide what the content cannot:
which of two words means no, or whether a column without any grade shows percentages. They come
from Moodle's language packs (``grades.php``, ``assign.php``, ``moodle.php``).
"""

import re
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

from grader.submission.roster import form

_YES: Final = """
yes ja oui sí si sì sim da tak ano áno igen evet kyllä jah jā taip hai bai on да так ναι כן نعم بله
हाँ はい 是 예 네 ใช่ có ya iya 1
"""
_NO: Final = """
no nein non não nao nee nej nei nie ne nem hayır ei nē nu ez não не нет ні όχι לא لا خیر नहीं
いいえ 否 不 아니오 아니요 ไม่ không tidak 0
"""
_GRADE: Final = """
grade mark bewertung note calificación calificacion nota valutazione cijfer beoordeling avaliação
qualificació cualificación оценка оцінка ocena známka hodnocení hodnotenie betyg karakter arvosana
hinne osztályzat pont not puan βαθμός ציון الدرجة درجة العلامة علامة التقدير نمره 評点 評定 成绩
成績 分数 分數 评分 評分 성적 점수
nilai điểm คะแนน
"""
YES: Final = frozenset(form(_YES).split())
"""What a column of answers says for yes."""
NO: Final = frozenset(form(_NO).split())
"""What a column of answers says for no."""
GRADE: Final = frozenset(form(_GRADE).split())
"""Titles of the grade in a grading worksheet."""


class Kind(IntEnum):
    """What the cells of a column show, the best one to fill first."""

    POINTS = 0
    UNKNOWN = 1
    PERCENT = 2
    WORDS = 3
    """Letters, or the words of a scale."""
    FEEDBACK = 4


# Parts of the words that a grade export puts in parentheses behind the name of an item.
_FEEDBACK: Final = """
feedback rückmeld kommentar comment rétroaction retroaliment retroacc comentar återkoppling
tilbakemelding tilbagemeld zwrotn отзыв коммент відгук vazba bildirim geribildirim フィードバック
反馈 回馈 回饋 피드백 ملاحظات تغذية تعليقات tanggapan palaute
"""
_PERCENT: Final = """
percent prozent pourcent porcent porcien procent protsent prosent процент відсот százalék yüzde
パーセン 百分 백분 퍼센트 نسبة مئوية persen ποσοστ אחוז %
"""
_LETTERS: Final = """
letter buchstab lettre letra lettera lletra bokstav bogstav slovn litero букв літер betű harf
kirjain γράμμα 文字 字母 等级 等級 글자 문자 حرف huruf אות
"""
_POINTS: Final = """
real punkte points réel brut valeur punteggio reëel echt reell реал rzeczywist skutečn valós gerçek
todelli πραγμ 実 評点 实际 真实 實際 실제 실점수 حقيقي نقاط
"""
_KINDS: Final = {
    Kind.FEEDBACK: form(_FEEDBACK).split(),
    Kind.PERCENT: form(_PERCENT).split(),
    Kind.WORDS: form(_LETTERS).split(),
    Kind.POINTS: form(_POINTS).split(),
}
# Words that mean another thing within a longer word.
_EXACT: Final = {"note": Kind.WORDS, "noten": Kind.WORDS, "notes": Kind.POINTS}
_MONTHS: Final = """
january januar janvier enero gennaio janeiro januari stycznia ledna января січня ocak يناير gener
february februar février febrero febbraio fevereiro februari lutego února февраля лютого şubat
march märz mars marzo março maart marts marca března марта березня mart مارس març
april avril abril aprile kwietnia dubna апреля квітня nisan أبريل إبريل
may mai mayo maggio maio mei maj maja května мая травня mayıs مايو maig
june juni juin junio giugno junho czerwca června июня червня haziran يونيو juny
july juli juillet julio luglio julho lipca července июля липня temmuz يوليو juliol
august août agosto augustus augusti sierpnia srpna августа серпня ağustos أغسطس agost
september septembre septiembre settembre setembro września září сентября вересня eylül سبتمبر
october oktober octobre octubre ottobre outubro października října октября жовтня ekim أكتوبر
november novembre noviembre novembro listopada listopadu ноября листопада kasım نوفمبر
december dezember décembre diciembre dicembre dezembro grudnia декабря грудня aralık ديسمبر
""".strip()
_MONTH: Final = {
    word: number
    for number, line in enumerate(_MONTHS.splitlines(), 1)
    for word in form(line).split()
}
_ANYWHERE: Final = timedelta(hours=14)
"""No place on Earth is further from UTC, and the file does not name its time zone."""


def kind_of_title(title: str) -> Kind:
    """What the words in the last parentheses of a title say about its column."""
    found = re.search(r"\(([^()]*)\)$", form(title))
    if found is None:
        return Kind.UNKNOWN

    inside = found[1].strip()
    if inside in _EXACT:
        return _EXACT[inside]

    for kind, words in _KINDS.items():
        if any(word in inside for word in words):
            return kind

    return Kind.UNKNOWN


def is_comment(title: str) -> bool:
    """Whether the title is that of comments or other feedback."""
    shown = form(title)
    return any(word in shown for word in _KINDS[Kind.FEEDBACK])


def is_time(cell: str) -> bool:
    """Whether a cell can be a date with its time, or the dash of a date that is missing."""
    if cell == "-":
        return True

    return bool(re.search(r"(?<!\d)\d{4}(?!\d)", cell) and re.search(r"\d{1,2}[:.h]\d\d", cell))


def is_older(cell: str, moment: datetime) -> bool:
    """Whether a date of Moodle is certainly before ``moment``; False if it may be later."""
    latest = _latest(form(cell))
    return latest is not None and latest + _ANYWHERE < moment


def _latest(text: str) -> datetime | None:
    """The end of the day in ``text``, or of the year if only the year can be read."""
    year_found = re.search(r"(?<!\d)(20\d\d)(?!\d)", text)
    if year_found is None:
        return None

    year = int(year_found[1])
    month = 0
    numbers = re.search(r"20\d\d(?:年|년|-|/|\.) ?(\d{1,2})(?:月|월|-|/|\.) ?(\d{1,2})", text)
    if numbers:
        month, day = int(numbers[1]), int(numbers[2])
    else:
        months = {_MONTH[word] for word in re.findall(r"[^\W\d_]+", text) if word in _MONTH}
        day_found = re.search(r"(?<![\d:.])(\d{1,2})(?![\d:])", text)
        if len(months) == 1 and day_found:
            [month] = months
            day = int(day_found[1])

    if not month:
        month, day = 12, 31

    try:
        begin = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None

    return begin + timedelta(days=1)
