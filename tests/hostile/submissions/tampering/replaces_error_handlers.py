"""Replace the error handlers with which the process encodes texts."""
# ends as: raised

import codecs

codecs.register_error("backslashreplace", lambda error: ("BREACH", error.end))
codecs.register_error("replace", lambda error: 1 / 0)


def double(x):
    print("\ud800")
    raise ValueError("\ud800")
