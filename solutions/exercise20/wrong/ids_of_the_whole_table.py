"""Your code indexes the shard with ids of the whole table.

The shard starts at the id `first`, so that id is in row 0. Id 11 of a shard with first = 10 is in
row 1, and an id that another shard has is in no row. Work out the example of the statement by hand,
and note the row of each id.
"""

# caught by: own_rows


def shard_lookup(shard, idx, first):
    """Index the shard with the ids of the table."""
    return shard[idx]
