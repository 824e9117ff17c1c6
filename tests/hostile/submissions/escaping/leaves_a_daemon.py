"""Leave a process behind that outlives it."""
# ends as: failed

import os
import subprocess
import sys

try:
    if os.fork() == 0:
        os.setsid()
        os.execv("/bin/sleep", ["sleep", "60"])
except OSError:
    pass
for program in ("/bin/sleep", sys.executable):
    try:
        subprocess.Popen([program, "60"], start_new_session=True)
        print("BREACH started", program)
    except OSError:
        continue
if os.system("sleep 60 &") == 0:
    print("BREACH shell")


def double(x):
    return x
