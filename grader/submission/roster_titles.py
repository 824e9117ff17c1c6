"""The titles of columns in the exports of other systems, in the languages that we know.

Content decides about every other title, so a language that is missing here works too.
"""

from typing import Final

_TITLES: Final = {
    "learner": "learner",
    "name": (
        "name | full name | fullname | student | student name | display name | "
        "vollständiger name | nom complet | nombre completo | nome completo | volledige naam | "
        "imię i nazwisko | полное имя | 姓名 | 全名 | 氏名"
    ),
    "first": (
        "first name | firstname | given name | vorname | prénom | nombre | nome | voornaam | "
        "imię | имя | 名 | förnamn | fornavn | etunimi"
    ),
    "last": (
        "last name | lastname | surname | family name | nachname | nom | nom de famille | "
        "apellido(s) | apellidos | cognome | apelido | sobrenome | achternaam | nazwisko | "
        "фамилия | 姓 | efternamn | etternavn | efternavn | sukunimi"
    ),
    "email": (
        "email | e-mail | email address | e-mail address | mail | e-mail-adresse | "
        "adresse de courriel | dirección de correo | indirizzo email | endereço de e-mail | "
        "e-mailadres"
    ),
    "section": "section | sections | section name",
    "partners": "partners | partner",
    "login": (
        "sis login id | login | login id | login_id | username | user name | anmeldename | "
        "net id | netid | nom d'utilisateur | nombre de usuario | gebruikersnaam"
    ),
    "number": "canvas_user_id",
    "ids": (
        "id | sis user id | integration id | sid | student id | student number | student no | "
        "id number | idnumber | user id | "
        "user_id | id-nummer | matrikelnummer | numéro d'identification | "
        "número de id"
    ),
    "role": "role | roles",
    "submitted": (
        "submitted | submitted at | submission time | last modified (submission) | "
        "zuletzt geändert (abgabe)"
    ),
}
TITLES: Final = {title: what for what, titles in _TITLES.items() for title in titles.split(" | ")}
"""A title in the form of ``roster.form`` to what its column contains."""
STAFF: Final = frozenset(
    {"instructor", "teacher", "ta", "teaching assistant", "reader", "grader", "observer"}
)
"""Roles of people who hand in nothing."""
