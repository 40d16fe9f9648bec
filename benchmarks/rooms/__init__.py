"""What the rows of `benchmarks/room.py` are made of."""
