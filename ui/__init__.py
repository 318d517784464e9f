"""Every door: command line, HTTP API, web page."""
