"""The checker of the ledger: its own reading of journals, topics and bucket, judged by L1 to L10.

It shares the wire schemas with the pipeline and nothing else: never its account of itself, never its code.
"""
