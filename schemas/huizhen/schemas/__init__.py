"""The language all parts speak: ids, values, wire formats, topics, errors."""
