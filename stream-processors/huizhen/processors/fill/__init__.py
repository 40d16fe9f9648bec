"""Fill what a live frame lost, and say how each sample was found; numpy in, numpy out, no Kafka anywhere."""

from huizhen.processors.fill.detail import fill_details
from huizhen.processors.fill.samples import BadFillInput, SampleFormat
from huizhen.processors.fill.tile import Box, FilledTile, LostDetail, Method, Previous, Provenance

__all__ = [
    "BadFillInput",
    "Box",
    "FilledTile",
    "LostDetail",
    "Method",
    "Previous",
    "Provenance",
    "SampleFormat",
    "fill_details",
]
