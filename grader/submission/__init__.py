"""What a learner handed in: finding files, reading them, comparing them."""
