"""Read system files, private and public ones."""
# ends as: failed

for path in (
    "/etc/shadow",
    "/etc/passwd",
    "/root/.ssh/id_rsa",
    "/var/log/dpkg.log",
    "/etc/hostname",
):
    try:
        with open(path) as file:
            print("BREACH", file.read(20))
    except OSError:
        continue


def double(x):
    return x
