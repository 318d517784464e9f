"""Watching and ending the running service: metrics, traces, logs, readiness, graceful shutdown, several processes."""
