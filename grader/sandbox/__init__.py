"""The untrusted side: it holds the learner's code and no answer."""
