"""Fill what a live frame lost, and say how each sample was found; numpy in, numpy out, no Kafka anywhere.

`fill` takes any damaged frame; `fill_details` only tiles that lost their detail, as the live pipeline does.
"""

from huizhen.processors.fill.detail import fill_details
from huizhen.processors.fill.evidence import Evidence
from huizhen.processors.fill.filling import fill
from huizhen.processors.fill.samples import BadFillInput, SampleFormat
from huizhen.processors.fill.tile import Box, FilledTile, LostDetail, Method, Previous, Provenance

__all__ = [
    "BadFillInput",
    "Box",
    "Evidence",
    "FilledTile",
    "LostDetail",
    "Method",
    "Previous",
    "Provenance",
    "SampleFormat",
    "fill",
    "fill_details",
]
