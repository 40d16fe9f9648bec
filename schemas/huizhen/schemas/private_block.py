"""Where our private block stands in a DICOM instance; what it holds: docs/topics/archive.md (DICOM PS3.5, 7.8)."""

GROUP, CREATOR = 0x0099, "HUIZHEN 1"
GEOMETRY = 0x08  # the id of the geometry, 8 bytes, little-endian, signed
