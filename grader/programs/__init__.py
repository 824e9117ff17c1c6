"""What other programs use: warm graders in Python, and a stream of JSON Lines."""
