"""Backup and restore: the store, the uploads and the state database in one checked archive."""
