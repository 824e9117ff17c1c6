#!/usr/bin/env bash
# Grades /app/@FILE@ and writes the share of the points to /logs/verifier/reward.txt. If the grader
# itself fails, it writes no reward and ends with an error, so that the trial does not count as zero.
# It grades nothing if the container lacks a sandbox layer that separates the submission from these
# files. GRADE_ISOLATION=weak in the environment of the verifier accepts that.
# HARBOR_APP, HARBOR_LOGS and PYTHON replace the places in the container.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
logs="${HARBOR_LOGS:-/logs/verifier}"
app="${HARBOR_APP:-/app}"
python="${PYTHON:-python3}"
mkdir -p "$logs"
rm -f "$logs/reward.txt"
# An agent may have left processes behind; they must not read the checks as another user.
chmod -R go-rwx "$here"

export PYTHONPATH="$here" GRADE_RESIDENT=0 GRADE_LEARNER=learner
cd "$logs" || exit 3
"$python" -P -m grader @EXERCISE@ "$app" --course "$here/course" --not-mine \
    --format json --output "$logs/grade.json"
status=$?
if [ "$status" -gt 1 ]; then
    echo "test.sh: the grader failed (exit status $status)" >&2
    exit "$status"
fi
share='import json, sys; grade = json.load(open(sys.argv[1])); print(grade["points"] / grade["max_points"])'
"$python" -I -c "$share" "$logs/grade.json" >"$logs/reward.txt"
