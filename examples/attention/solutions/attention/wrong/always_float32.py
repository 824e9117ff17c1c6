"""Your result is float32 whatever the dtype of the arguments.

Float64 keeps about 16 digits, float32 about 7. Let the operators choose the dtype: a product of
two float64 tensors is float64, and a Python number does not change that.
"""

# caught by: dtype


def attention(query, key, value):
    """Compute in float32."""
    query, key, value = query.float(), key.float(), value.float()
    return (query @ key.mT / query.shape[-1] ** 0.5).softmax(-1) @ value
