"""The way of a document: read, split into articles, parse, chunk, store."""
