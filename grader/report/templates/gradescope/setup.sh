#!/usr/bin/env bash
# Gradescope runs this once, while it builds the image: an environment of its own for the grader.
# AUTOGRADER_ROOT and TORCH_INDEX name other places; a TORCH_INDEX that is set and empty is pip's own.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
torch_index="${TORCH_INDEX-https://download.pytorch.org/whl/cpu}"

usable() { command -v "$1" >/dev/null && "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if usable "$candidate"; then echo "$candidate"; return; fi
    done
}
python="$(find_python)"
if [ -z "$python" ]; then
    apt-get update
    apt-get install -y python3.12-venv || apt-get install -y python3.11-venv || true
    python="$(find_python)"
fi
if [ -z "$python" ]; then
    echo "setup.sh: needs Python 3.11 or later with venv; choose a newer base image in the autograder's settings" >&2
    exit 1
fi

"$python" -m venv "$root/venv"
pip=("$root/venv/bin/pip" install --no-cache-dir --disable-pip-version-check)
grader=("$source"/wheels/torch_exercise_grader-*.whl)
if compgen -G "$source/wheels/torch-*.whl" >/dev/null; then
    # Whatever pip is told elsewhere on this machine, these wheels and no others.
    PIP_CONFIG_FILE=/dev/null "${pip[@]}" --isolated --no-index --find-links "$source/wheels" "${grader[0]}"
else
    # PyTorch for CPUs: what pip takes by default brings several gigabytes for GPUs.
    "${pip[@]}" ${torch_index:+--index-url "$torch_index"} torch
    "${pip[@]}" "${grader[0]}"
fi

# Whoever the submission runs as, the checks and solutions are not for them.
chmod -R go-rwx "$source"
"$root/venv/bin/grade" show @EXERCISE@ --course "$source/course" >/dev/null
"$root/venv/bin/grade" doctor || true
