"""What the service remembers: conversations, feedback, uploads, users and their sessions, in one database.

SQLite beside the index by default, PostgreSQL by URL; the same code and the same migrations on both.
"""
