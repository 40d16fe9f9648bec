"""Frames, masks, rivals and rows of the filling benchmark (`benchmarks/fill.py`)."""
