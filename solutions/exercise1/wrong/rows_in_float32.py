"""Your code returns float32 rows for a table of any dtype.

`.float()` always gives float32. `torch.zeros` also gives float32 unless you pass a dtype, and
so does `torch.tensor` on Python floats. A float64 table loses about half of its digits this
way. A lookup only copies numbers, so it can keep the dtype of `weight`. Try a float64 table and
print the dtype after each line.
"""

# caught by: dtype


def lookup(weight, idx):
    """Convert the table to float32 first."""
    return weight.float()[idx]
