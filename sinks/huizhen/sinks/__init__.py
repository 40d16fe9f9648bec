"""Sinks: the exact DICOM archive, its ledger, sealing and export."""
