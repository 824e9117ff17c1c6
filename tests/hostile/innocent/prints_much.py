"""Print much text in many scripts."""

for _ in range(50):
    print("zwölf Boxkämpfer, 十二, اثنا عشر, 🧮")


def double(x):
    return x * 2
