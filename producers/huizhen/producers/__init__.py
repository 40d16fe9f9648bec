"""Capture: sources, masking, tiling and coding, journal, publishing."""
