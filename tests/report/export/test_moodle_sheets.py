"""Moodle files of many sites: languages, percentages, letters, locked rows, missing maxima."""

import csv
import io

import msgspec
import pytest

from grader.errors import UsageError
from grader.grades.learner import Learner
from grader.report.export import moodle
from grader.report.export.exported_sheet import Options
from tests.report.export.records import class_of, graded

RESULTS = class_of(
    graded("Jane Doe_101", 20),
    graded("Bob Kahn_102", 15),
    learners=[
        Learner("Jane Doe_101", ["101", "Jane Doe"]),
        Learner("Bob Kahn_102", ["102", "Bob Kahn"]),
    ],
)
# Participant, the columns up to the grade, the maximum or scale and what follows, a time.
LANGUAGES = {
    "English": (
        "Participant ",
        (
            'Identifier,"Full name","Email address",Status,Grade,"Maximum grade",'
            '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
            '"Feedback comments"'
        ),
        ("Submitted", "Yes", "No", "Monday, 3 November 2025, 10:00 AM"),
    ),
    "English 4.5": (
        "Participant ",
        (
            'Identifier,"Full name","Email address",Status,"Grade","Maximum grade",'
            '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
            '"Feedback comments"'
        ),
        ("Submitted", "Yes", "No", "Monday, 3 November 2025, 10:00 PM"),
    ),
    "German": (
        "Teilnehmer/in",
        (
            'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,'
            '"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)",'
            '"Zuletzt geändert (Bewertung)","Feedback als Kommentar"'
        ),
        ("Abgegeben", "Ja", "Nein", "Montag, 3. November 2025, 10:00"),
    ),
    "French": (
        "Participant ",
        (
            'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale",'
            '"La note peut être modifiée","Dernière modification (travail remis)",'
            '"Dernière modification (note)","Feedback par commentaires"'
        ),
        ("Remis", "Oui", "Non", "lundi 3 novembre 2025, 10:00"),
    ),
    "Spanish": (
        "Participante ",
        (
            'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,'
            '"Calificación máxima","La calificación puede ser cambiada",'
            '"Última modificación (entrega)","Última modificación (calificación)",'
            '"Comentarios de retroalimentación"'
        ),
        ("Enviado", "Sí", "No", "martes, 3 de marzo de 2025, 10:00"),
    ),
    "Italian": (
        "Partecipante ",
        (
            'Identificativo,"Nome completo","Indirizzo email",Stato,Valutazione,"Val. massima",'
            '"La valutazione può essere modificata","Ultima modifica (consegna)",'
            '"Ultima modifica (valutazione)","Commenti"'
        ),
        ("Consegnato", "Sì", "No", "lunedì, 3 novembre 2025, 10:00"),
    ),
    "Japanese": (
        "参加者",
        (
            "識別子,氏名,メールアドレス,ステータス,評点,最大評点,評点の変更可否,"
            '"最終更新日時 (提出)","最終更新日時 (評点)",フィードバックコメント'
        ),
        ("提出済み", "はい", "いいえ", "2025年 11月 3日(月曜日) 10:00"),
    ),
    "Arabic": (
        "مشارك",
        (
            "المعرف,الاسم الكامل,عنوان البريد,الحالة,الدرجة,الدرجة العظمى,يمكن تغيير الدرجة,"
            "آخر تعديل,آخر تعديل (الدرجة),تعليقات"
        ),
        ("تم التسليم", "نعم", "لا", "الاثنين، 3 نوفمبر 2025، 10:00"),
    ),
    "Polish": (
        "Uczestnik ",
        (
            'Identyfikator,"Imię i nazwisko","Adres e-mail",Status,Ocena,"Ocena maksymalna",'
            '"Ocena może zostać zmieniona","Ostatnio modyfikowane (przesłane zadanie)",'
            '"Ostatnio modyfikowane (ocena)","Komentarz zwrotny"'
        ),
        ("Przesłane", "Tak", "Nie", "poniedziałek, 3 listopada 2025, 10:00"),
    ),
    "a language without a table": (
        "Xurtu ",
        "Aa,Bb,Cc,Dd,Ee,Ff,Gg,Hh,Ii,Jj",
        ("Kk", "Yes", "No", "Monday, 3 November 2025, 10:00"),
    ),
}


def worksheet(language, *, maximum="100.00", jane="", bob="", bob_changes="yes", changed="-"):
    """A worksheet of two people; the cells are those of the grade and of what is right of it."""
    participant, header, (status, yes, no, time) = LANGUAGES[language]
    answer = {"yes": yes, "no": no}.get(bob_changes, bob_changes)
    if changed == "time":
        changed = time
    text = io.StringIO(newline="")
    write = csv.writer(text)
    write.writerow(
        [f"{participant}101", "Jane Doe", "jane@x.org", status, jane, maximum, yes, time, "-", ""]
    )
    write.writerow(
        [
            f"{participant}102",
            "Bob Kahn",
            "b@x.org",
            status,
            bob,
            maximum,
            answer,
            time,
            changed,
            "",
        ]
    )
    return f"\ufeff{header}\r\n{text.getvalue()}"


def fill(content, results=RESULTS, columns=None, **options):
    sheet = moodle.open_sheet(content.encode(), "m.csv")
    return sheet.fill(results, columns or {}, Options(**options))


def column(content, number=4):
    return [row[number] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))][1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_worksheets_of_all_languages(language):
    """Points are scaled to the maximum right of the grade, with its decimal sign."""
    filled = fill(worksheet(language, maximum="10,00"))
    assert column(filled.content) == ["10", "7,5"]
    assert (filled.count, filled.missing) == (2, 0)
    assert any("20 points here and 10 in the column" in notice for notice in filled.notices)
    assert filled.content.startswith("\ufeff".encode())
    assert b"\r\n" in filled.content


@pytest.mark.parametrize("language", LANGUAGES)
def test_locked_rows_of_all_languages(language):
    """A row that cannot be changed stays as it is, unless --overwrite is given."""
    content = worksheet(language, bob="80.00", bob_changes="no")
    filled = fill(content)
    assert column(filled.content) == ["100", "80.00"]
    assert "Bob Kahn_102, exercise1: unchanged, its grade cannot be changed" in filled.notices
    assert filled.missing == 1
    assert column(fill(content, overwrite=True).content) == ["100", "75"]


def test_an_unknown_word_for_no_is_not_taken_for_yes():
    """If the answer is a word in an unknown language, the row stays as it is, with the word."""
    filled = fill(worksheet("English", bob="80.00", bob_changes="Zzz"))
    assert column(filled.content) == ["100", "80.00"]
    assert any("says `zzz`, which may mean" in notice for notice in filled.notices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_newer_grades_of_all_languages(language):
    """A grade from before the grading is replaced, and one that may be later is not."""
    assert column(fill(worksheet(language, bob="50.00", changed="time")).content)[1] == "75"
    content = worksheet(language, bob="50.00", changed="time").replace("2025", "2026")
    filled = fill(content)
    assert column(filled.content)[1] == "50.00"
    assert any("may be newer" in notice for notice in filled.notices)
    filled = fill(content, overwrite=True)
    assert column(filled.content)[1] == "75"
    assert "other grades that were replaced: `Bob Kahn_102, exercise1: 50.00`" in filled.notices


@pytest.mark.parametrize(
    ("maximum", "said"),
    [
        ("", "names no maximum"),
        ("1,000", "names no maximum"),
        ("Fail, Pass, Merit", "takes a word of the scale `Fail, Pass, Merit`"),
    ],
)
@pytest.mark.parametrize("language", ["English", "German", "Japanese"])
def test_a_worksheet_without_a_certain_maximum(language, maximum, said):
    """Without a maximum, and with a scale of words, nothing is written."""
    with pytest.raises(UsageError, match=said):
        fill(worksheet(language, maximum=maximum))


@pytest.mark.parametrize("language", ["English", "German"])
def test_a_worksheet_with_moved_columns(language):
    """The column of the participants can be any, and its numbers find the rows all the same."""
    rows = list(csv.reader(io.StringIO(worksheet(language))))
    moved = [[row[1], row[2], row[0].lstrip("\ufeff"), *row[3:]] for row in rows]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(moved)
    assert column(fill(text.getvalue()).content) == ["100", "75"]
    anonymous = text.getvalue().replace("Bob Kahn", "?").replace("b@x.org", "")
    assert column(fill(anonymous).content) == ["100", "75"]


def test_the_advice_about_a_title_with_spaces():
    """What the command advises can be typed as it stands."""
    week = msgspec.structs.replace(RESULTS.exercises[0], id="Week 1", title="Week 1")
    results = msgspec.structs.replace(RESULTS, exercises=[week])
    with pytest.raises(UsageError, match=r"or --scale 'Week 1=100'$"):
        fill(worksheet("English", maximum=""), results)


# Without a maximum, only its title tells the column of the grade from that of the maximum.
@pytest.mark.parametrize("language", [name for name in LANGUAGES if "table" not in name])
def test_scale_names_a_missing_maximum(language):
    """--scale names a maximum that the file hides; it never contradicts the file."""
    assert column(fill(worksheet(language, maximum=""), scales={"": 50}).content) == ["50", "37.5"]
    with pytest.raises(UsageError, match=r"is 100, not 50; leave out --scale"):
        fill(worksheet(language), scales={"exercise1": 50})


# The header of the column, the cells of both, and the separator.
EXPORTS = {
    "English": ("First name,Surname,ID number,Email address", "Assignment: exercise1 (Real)"),
    "German": ("Vorname;Nachname;ID-Nummer;E-Mail-Adresse", "Aufgabe: exercise1 (Punkte)"),
    "French": ("Prénom,Nom,Numéro,Courriel", "Devoir : exercise1 (Brut)"),
    "Spanish": ("Nombre,Apellido(s),Número de ID,Correo", "Tarea: exercise1 (Real)"),
    "Italian": ("Nome,Cognome,Codice,Email", "Compito: exercise1 (Punteggio)"),
    "Dutch": ("Voornaam,Achternaam,ID,E-mail", "Opdracht: exercise1 (Reëel)"),
    "Japanese": ("名,姓,IDナンバー,メールアドレス", "課題: exercise1（評点）"),
    "Arabic": ("الاسم,العائلة,الرقم,البريد", "واجب: exercise1 (حقيقي)"),
    "Russian": ("Имя,Фамилия,Номер,Почта", "Задание: exercise1 (Реальная)"),
    "unknown": ("Aa,Bb,Cc,Dd", "Ee: exercise1 (Ff)"),
    "other title": (
        "First name,Last name,ID number,Email address",
        "Assignment: Exercise 1 (Real)",
    ),
}


def grade_export(language, *more, bob="-"):
    """A grade export; ``more`` are (title, Bob's cell) of columns right of that of the points."""
    people, title = EXPORTS[language]
    separator = ";" if ";" in people else ","
    cells = [(title, bob), *more]
    header = separator.join([people, *(f'"{each}"' for each, _ in cells)])
    jane = separator.join(["Jane", "Doe", "", "jane@x.org", *("-" for _ in cells)])
    row = separator.join(["Bob", "Kahn", "", "bob@x.org", *(f'"{cell}"' for _, cell in cells)])
    return f"{header}\n{jane}\n{row}\n"


@pytest.mark.parametrize("language", EXPORTS)
def test_grade_exports_of_all_languages(language):
    """A grade export names no maximum, so --scale must; the columns are found all the same."""
    content = grade_export(language)
    with pytest.raises(UsageError, match=r"names no maximum .* --scale exercise1=100"):
        fill(content)
    sign = "," if ";" in content else "."
    filled = fill(content, scales={"": 10})
    expected = content.replace("x.org,-", "x.org,10").replace("x.org;-", "x.org;10")
    assert filled.content.decode() == expected.replace('"-"\n', f'"7{sign}5"\n')
    assert filled.missing == 0


OTHERS = {
    "English": ("Assignment: exercise1 (Percentage)", "Assignment: exercise1 (Letter)"),
    "German": ("Aufgabe: exercise1 (Prozentsatz)", "Aufgabe: exercise1 (Note)"),
    "French": ("Devoir : exercise1 (Pourcentage)", "Devoir : exercise1 (Lettre)"),
    "Spanish": ("Tarea: exercise1 (Porcentaje)", "Tarea: exercise1 (Letra)"),
    "Italian": ("Compito: exercise1 (Percentuale)", "Compito: exercise1 (Letterale)"),
    "Dutch": ("Opdracht: exercise1 (Percentage)", "Opdracht: exercise1 (Letter)"),
    "Japanese": ("課題: exercise1（パーセンテージ）", "課題: exercise1 (文字)"),
    "Arabic": ("واجب: exercise1 (النسبة المئوية)", "واجب: exercise1 (حرف)"),
    "Russian": ("Задание: exercise1 (Проценты)", "Задание: exercise1 (Буква)"),
}


@pytest.mark.parametrize("language", OTHERS)
def test_points_stand_beside_percentages_and_letters(language):
    """Of the columns of one item, that with points is filled in, and the others stay."""
    percent, letter = OTHERS[language]
    content = grade_export(language, (percent, "-"), (letter, "-"))
    table = fill(content, scales={"": 100}).content.decode()
    assert table.count("100") == 1 and table.count("75") == 1


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("number", "said"), [(0, "shows percentages"), (1, "letters or words")])
def test_percentages_and_letters_are_refused(language, number, said, monkeypatch):
    """A file with only percentages or letters takes no points, though it has no grade yet."""
    monkeypatch.setitem(EXPORTS, language, (EXPORTS[language][0], OTHERS[language][number]))
    with pytest.raises(UsageError, match=said):
        fill(grade_export(language))


@pytest.mark.parametrize(
    ("cell", "said"),
    [("80,00 %", "percentages"), ("80%", "percentages"), ("B+", "letters"), ("Pass", "letters")],
)
def test_cells_say_more_than_titles(cell, said):
    """In an unknown language, a cell with a grade tells what the column shows."""
    with pytest.raises(UsageError, match=said):
        fill(grade_export("unknown", bob=cell))


def test_scale_100_fills_percentages():
    """With --scale 100, points and percentages are the same numbers."""
    assert column(fill(grade_export("unknown", bob="80 %"), scales={"": 100}).content) == [
        "100",
        "75",
    ]


@pytest.mark.parametrize(
    ("points", "percent", "worth"), [("7.50", "75.00 %", 10), ("2", "20 %", 0)]
)
def test_points_beside_their_percentage_tell_the_maximum(points, percent, worth):
    """A maximum follows from points with their percentage, if only one whole number fits."""
    other = ("Assignment: exercise1 (Percentage)", percent)
    content = grade_export("English", other, bob=points)
    if worth:
        assert column(fill(content).content) == ["10", "7.5"]
    else:
        with pytest.raises(UsageError, match="names no maximum"):
            fill(content)


def test_last_names_first():
    """In some languages, the last name has the first column."""
    content = grade_export("Japanese").replace("Jane,Doe", "Doe,Jane").replace("Bob,K", "K,Bob")
    filled = fill(content.replace("K,Bobahn", "Kahn,Bob"), scales={"": 20})
    assert (filled.count, filled.missing) == (2, 0)


def test_two_items_that_fit():
    """Two assignments that could be the exercise are listed, and --column chooses."""
    more = ("Assignment: exercise1 again, exercise1 (Real)", "-")
    content = grade_export("English", more).replace("exercise1 (Real)", "the exercise1 (Real)", 1)
    with pytest.raises(UsageError, match="several columns could be exercise1"):
        fill(content)
    chosen = {"exercise1": "Assignment: the exercise1 (Real)"}
    assert column(fill(content, columns=chosen, scales={"": 20}).content) == ["20", "15"]
