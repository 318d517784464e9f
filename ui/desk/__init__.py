"""The desk tools as doors call them: with limits on what is given, and results as files."""
