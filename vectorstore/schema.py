"""The tables of the catalog, and how a catalog of an earlier version becomes one of this version."""

import sqlite3

SCHEMA_VERSION = "5"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, issuer TEXT, date TEXT, number TEXT,
    source TEXT NOT NULL, text TEXT NOT NULL, warnings TEXT NOT NULL, position INTEGER NOT NULL,
    region TEXT, topic TEXT, repeals TEXT NOT NULL DEFAULT '[]', issuers TEXT NOT NULL DEFAULT '[]',
    adopted TEXT, effective TEXT, expires TEXT, url TEXT, name TEXT);
CREATE TABLE IF NOT EXISTS units (
    key INTEGER PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, type TEXT NOT NULL, locator TEXT NOT NULL, task_number INTEGER, label TEXT NOT NULL,
    heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, folded TEXT NOT NULL,
    sentences TEXT NOT NULL, page INTEGER, UNIQUE (document_id, ordinal));
CREATE INDEX IF NOT EXISTS units_by_number ON units(task_number) WHERE task_number IS NOT NULL;
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    unit_ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, embedding_text TEXT NOT NULL,
    digest BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_digest ON chunks(digest);
CREATE INDEX IF NOT EXISTS chunks_by_document ON chunks(document_id);
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, reader TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file_documents (
    path TEXT NOT NULL REFERENCES files(path) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents(id), PRIMARY KEY (path, document_id));
CREATE INDEX IF NOT EXISTS file_documents_by_document ON file_documents(document_id);
CREATE TABLE IF NOT EXISTS terms (
    term TEXT NOT NULL, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (term, document_id));
CREATE TABLE IF NOT EXISTS sketches (
    value INTEGER NOT NULL, document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (value, document_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sketches_by_document ON sketches(document_id);
CREATE TABLE IF NOT EXISTS copies (
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (document_id, other_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_by_other ON copies(other_id);
CREATE TABLE IF NOT EXISTS kin (
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    overlap REAL NOT NULL, PRIMARY KEY (document_id, other_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kin_by_other ON kin(other_id);
CREATE TABLE IF NOT EXISTS lengths (
    key INTEGER PRIMARY KEY REFERENCES units(key) ON DELETE CASCADE, words INTEGER NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(
    tokens, tokenize="unicode61 remove_diacritics 0 tokenchars '.%-'", columnsize=0);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_words USING fts5vocab(lexical, row);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical_places USING fts5vocab(lexical, instance);
"""
# Lists are read from here: in the table itself, what stands behind a long text is reached through all of its pages.
_BRIEF = """
CREATE INDEX IF NOT EXISTS documents_in_brief ON documents(
    id, title, kind, issuer, date, number, region, source, topic, repeals, expires);
CREATE INDEX IF NOT EXISTS documents_by_name ON documents(name);
CREATE INDEX IF NOT EXISTS documents_in_order ON documents(id, source, position);
"""
# The labels of units, each by itself, are kept by the table of units; what was there before them is read once.
_LABELS = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS labels (
    label TEXT NOT NULL, key INTEGER NOT NULL REFERENCES units(key) ON DELETE CASCADE, PRIMARY KEY (label, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS labels_by_unit ON labels(key);
CREATE TRIGGER IF NOT EXISTS units_labelled AFTER INSERT ON units BEGIN
    INSERT OR IGNORE INTO labels SELECT value, NEW.key FROM json_each(NEW.locator);
END;
INSERT OR IGNORE INTO labels SELECT l.value, u.key FROM units u, json_each(u.locator) l;
COMMIT;
"""
# From each earlier version: the next one, and the changes that tables need which are there already.
_STEPS = {
    "1": ("2", ("ALTER TABLE documents ADD COLUMN region TEXT",)),
    "2": (
        "3",
        (
            "ALTER TABLE documents ADD COLUMN topic TEXT",
            "ALTER TABLE documents ADD COLUMN repeals TEXT NOT NULL DEFAULT '[]'",
        ),
    ),
    # what units read like changed: chunks and words are made anew from documents and units (``rebuilding``)
    "3": (
        "4",
        (
            "DELETE FROM chunks",
            "ALTER TABLE chunks DROP COLUMN grain",
            "DROP TABLE IF EXISTS sentence_vectors",
            "DELETE FROM meta WHERE key = 'sentences'",
            *(f"DROP TABLE IF EXISTS {name}" for name in ("lexical_words", "lexical_places", "lexical")),
        ),
    ),
    "4": (
        "5",
        (
            "ALTER TABLE documents ADD COLUMN issuers TEXT NOT NULL DEFAULT '[]'",
            *(
                f"ALTER TABLE documents ADD COLUMN {name} TEXT"
                for name in ("adopted", "effective", "expires", "url", "name")
            ),
            "DROP INDEX IF EXISTS documents_in_brief",
        ),
    ),
}


def prepare(db: sqlite3.Connection) -> str:
    """Make the tables that are missing, upgrade those of an earlier version, and return the version that is there now."""
    db.executescript(_SCHEMA)
    db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (SCHEMA_VERSION,))
    db.commit()
    if _version(db) in _STEPS:
        _upgrade(db)
        db.executescript(_SCHEMA)  # what was dropped, in its present form
    if _version(db) == SCHEMA_VERSION:
        db.executescript(_BRIEF)
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'labels'").fetchone():
            db.executescript(_LABELS)
    return _version(db)


def _version(db: sqlite3.Connection) -> str:
    return str(db.execute("SELECT value FROM meta WHERE key='schema'").fetchone()[0])


def _upgrade(db: sqlite3.Connection) -> None:
    """Go up step by step; what is new is empty until the files are read, or the index is made, again. All of it or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        while step := _STEPS.get(_version(db)):  # another process may have been first
            version, changes = step
            for change in changes:
                db.execute(change)
            db.execute("UPDATE meta SET value=? WHERE key='schema'", (version,))
    except BaseException:  # whatever happened, nothing of it may stay
        db.rollback()
        raise
    db.commit()
