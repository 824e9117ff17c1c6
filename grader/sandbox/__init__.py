"""The untrusted side: it runs the learner's code, and knows no answer."""
