"""Store notes in a database file."""

import sqlite3

with sqlite3.connect("notes.db") as notes:
    notes.execute("create table notes (text)")
    notes.execute("insert into notes values ('two')")


def double(x):
    return x * 2
