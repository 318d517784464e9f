"""The desk tools on the page."""
