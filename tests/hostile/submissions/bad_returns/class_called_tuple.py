"""An object whose class says that it is the built-in tuple."""
# ends as: failed

Claims = type("tuple", (), {"__module__": "builtins"})


def double(x):
    return Claims()
