#!/usr/bin/env bash
# Grades /app/@FILE@ and writes the share of the points to /logs/verifier/reward.txt: 0 without that
# file. If the grader itself fails, it writes no reward and ends with an error, so that the trial
# does not count as zero.
# It grades nothing if the container lacks a sandbox layer that separates the submission from these
# files. GRADE_ISOLATION=weak in the environment of the verifier accepts that.
# HARBOR_APP, HARBOR_LOGS, HARBOR_AGENT and PYTHON replace what the container has.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
logs="${HARBOR_LOGS:-/logs/verifier}"
app="${HARBOR_APP:-/app}"
agent="${HARBOR_AGENT-agent}"
python="${PYTHON:-python3}"
chmod -R go-rwx "$here"
# The agent may have left processes behind, which could replace the file, the grade or the reward.
if [ "$(id -u)" = 0 ] && id "$agent" >/dev/null 2>&1; then
    setpriv --reuid "$agent" sh -c 'kill -KILL -1'
fi
mkdir -p "$logs"
rm -rf "$logs/reward.txt" "$logs/grade.json"
if [ ! -f "$app/@FILE@" ] || [ -L "$app/@FILE@" ]; then
    echo "test.sh: there is no file $app/@FILE@" >&2
    echo 0 >"$logs/reward.txt"
    exit 0
fi

export PYTHONPATH="$here" GRADE_RESIDENT=0 GRADE_LEARNER=learner
cd "$logs" || exit 3
"$python" -P -m grader @EXERCISE@ "$app/@FILE@" --course "$here/course" --not-mine \
    --format json --output "$logs/grade.json"
status=$?
if [ "$status" -gt 1 ]; then
    echo "test.sh: the grader failed (exit status $status)" >&2
    exit "$status"
fi
share='import json, sys; grade = json.load(open(sys.argv[1])); print(grade["points"] / grade["max_points"])'
"$python" -I -c "$share" "$logs/grade.json" >"$logs/reward.txt"
