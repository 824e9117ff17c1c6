"""Completion of commands in a shell: the script, and its installation."""

import os
from pathlib import Path
from typing import Final

import click
import msgspec
from click.shell_completion import get_completion_class

from grader.errors import UsageError
from grader.files import write_file

_VARIABLE: Final = "_GRADE_COMPLETE"
"""Tells the command to complete a line in place of doing its work; Click derives this name."""
_SHELLS: Final = ("bash", "zsh", "fish", "powershell")
_OTHER_NAMES: Final = {"pwsh": "powershell"}
_BASH_COMPLETION: Final = Path("/usr/share/bash-completion/bash_completion")
"""With this package, bash finds scripts by itself."""


class _Installation(msgspec.Struct, frozen=True):
    """Where the script of a shell belongs, and the line that loads it."""

    script: Path
    settings: Path | None = None
    """The file of settings that has to load the script; None if the shell finds it."""
    line: str = ""


@click.command("completion", short_help="Complete commands with the Tab key in your shell.")
@click.argument("shell", metavar="[SHELL]", required=False)
@click.option("--install", is_flag=True, help="Install the script for you.")
def completion_command(shell: str | None, *, install: bool) -> None:
    """Print the completion script for SHELL: bash, zsh, fish or powershell.

    With --install, save the script where the shell looks for it. If the shell needs it,
    also add a line to its settings that loads the script. The default is your login shell.
    """
    chosen = _shell(shell)
    kind = get_completion_class(chosen)
    if kind is None:
        raise UsageError(
            f"this version of Click has no completion for {chosen}",
            advice="update it, as in `pip install --upgrade click`",
        )

    program = click.get_current_context().find_root().command
    script = kind(program, {}, "grade", _VARIABLE)
    # Not script.source(): for bash that starts another bash to ask for its version.
    source = script.source_template % script.source_vars()
    if not install:
        click.echo(source)
        return

    for path in _install(_installation(chosen), source):
        click.echo(f"Wrote {path}.")

    click.echo(f"Open another {chosen}, type `grade `, and press Tab.")


def _shell(named: str | None) -> str:
    """The shell that was named, or the login shell, such as /bin/bash."""
    name = named or Path(os.environ.get("SHELL", "")).name
    name = _OTHER_NAMES.get(name.lower(), name.lower())
    if name in _SHELLS:
        return name

    problem = f"there is no completion for `{named}`" if named else "which shell?"
    raise UsageError(f"{problem}; name one of {', '.join(_SHELLS)}, as in `grade completion bash`")


def _installation(shell: str) -> _Installation:
    home = _home()
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    if shell == "fish":
        return _Installation(config / "fish" / "completions" / "grade.fish")
    if shell == "bash":
        script = data / "bash-completion" / "completions" / "grade"
        if _BASH_COMPLETION.exists():
            return _Installation(script)

        return _Installation(script, home / ".bashrc", f"source '{script}'")

    if shell == "zsh":
        folder = Path(os.environ.get("ZDOTDIR") or home)
        script = folder / ".zfunc" / "_grade"
        line = f"fpath+=('{script.parent}'); autoload -Uz compinit && compinit"
        return _Installation(script, folder / ".zshrc", line)

    folder = config / "powershell"
    script = folder / "grade.ps1"
    return _Installation(script, folder / "Microsoft.PowerShell_profile.ps1", f". '{script}'")


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        # There is neither HOME nor an entry in passwd.
        raise UsageError(
            "you have no home folder to install the completion in",
            advice="set HOME, or load what `grade completion SHELL` prints",
        ) from None


def _install(installation: _Installation, source: str) -> list[Path]:
    """Write the script, and once the line that loads it; return the files that changed."""
    installation.script.parent.mkdir(parents=True, exist_ok=True)
    write_file(installation.script, source.encode())
    written = [installation.script]
    settings = installation.settings
    if settings is None:
        return written

    before = ""
    if settings.exists():
        # It can have any encoding, and only its lines are compared.
        before = settings.read_text("utf-8", "surrogateescape")

    if installation.line not in before.splitlines():
        # Other lines stay as they are, also a last line without an end.
        start = "" if not before or before.endswith("\n") else "\n"
        with settings.open("a", encoding="utf-8") as file:
            file.write(f"{start}# Completion of grade\n{installation.line}\n")

        written.append(settings)

    return written
