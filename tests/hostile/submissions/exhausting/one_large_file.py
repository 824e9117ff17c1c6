"""Write one file without end."""
# ends as: raised|crashed


def double(x):
    with open("large", "wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
