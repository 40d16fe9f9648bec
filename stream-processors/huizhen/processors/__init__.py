"""Processors: validate, assemble, stitch and fill frames between topics."""
