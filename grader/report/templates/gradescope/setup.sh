#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. It makes a virtual environment with the grader.
# AUTOGRADER_ROOT replaces /autograder. TORCH_INDEX replaces the index of PyTorch's CPU builds;
# an empty TORCH_INDEX means pip's own index.
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
    echo "setup.sh: Python 3.11 or later with venv is missing; select a newer base image in the autograder's settings" >&2
    exit 1
fi

"$python" -m venv "$root/venv"
python="$root/venv/bin/python"
pip=("$python" -m pip install --no-cache-dir --disable-pip-version-check)
if compgen -G "$source/wheels/torch-*.whl" >/dev/null; then
    # Use only these wheels, even if pip is configured otherwise on this machine.
    PIP_CONFIG_FILE=/dev/null "${pip[@]}" --isolated --no-index --find-links "$source/wheels" --requirement "$source/requirements.txt"
else
    # By default, pip installs PyTorch with several gigabytes for GPUs.
    "${pip[@]}" ${torch_index:+--index-url "$torch_index"} torch
    "${pip[@]}" --requirement "$source/requirements.txt"
fi
# The grader is pure Python, so its files need no build.
cp -R "$source/grader" "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

# The user that runs the submission must not read checks and solutions.
chmod -R go-rwx "$source"
"$python" -P -m grader show @EXERCISE@ --course "$source/course" >/dev/null
"$python" -P -m grader doctor || true
