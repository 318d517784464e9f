"""A catalog as an earlier version left it: what later versions brought is taken back, step by step."""

import sqlite3

# what documents said of themselves in version 3
FIELDS_3 = "id, title, kind, issuer, date, number, source, text, warnings, position, region, topic, repeals"
_BACK = {
    # each document's dates, issuers, address and name; how editions overlap
    4: """
DROP INDEX documents_in_brief; DROP INDEX documents_by_name; DROP TABLE kin; DELETE FROM meta WHERE key = 'related';
ALTER TABLE documents DROP COLUMN issuers;
ALTER TABLE documents DROP COLUMN adopted;
ALTER TABLE documents DROP COLUMN effective;
ALTER TABLE documents DROP COLUMN expires;
ALTER TABLE documents DROP COLUMN url;
ALTER TABLE documents DROP COLUMN name;
CREATE INDEX documents_in_brief ON documents(
    id, title, kind, issuer, date, number, region, source, topic, repeals);
""",
    # two sizes of chunks, vectors of sentences, jieba's words in the index; what the new index holds is gone
    3: """
ALTER TABLE chunks ADD COLUMN grain TEXT NOT NULL DEFAULT 'u';
CREATE TABLE sentence_vectors (id TEXT PRIMARY KEY, vector BLOB NOT NULL);
DROP TABLE lengths; DROP TABLE lexical_words; DROP TABLE lexical_places; DROP TABLE lexical;
CREATE VIRTUAL TABLE lexical USING fts5(tokens, tokenize="unicode61 remove_diacritics 0 tokenchars '.%-'");
CREATE VIRTUAL TABLE lexical_words USING fts5vocab(lexical, row);
CREATE VIRTUAL TABLE lexical_places USING fts5vocab(lexical, instance);
DELETE FROM chunks; DELETE FROM meta WHERE key = 'passages';
INSERT INTO meta VALUES ('sentences', 'table');
""",
    # what a document is about and what it repeals; copies
    2: """
DROP INDEX documents_in_brief;
ALTER TABLE documents DROP COLUMN topic;
ALTER TABLE documents DROP COLUMN repeals;
DROP TABLE sketches; DROP TABLE copies;
UPDATE files SET reader = '1:';
""",
    # where it is for
    1: """
ALTER TABLE documents DROP COLUMN region; DROP TABLE lexical_places;
""",
}


def take_back(db: sqlite3.Connection, version: int) -> None:
    """Make the catalog that of ``version``; the words and chunks of version 3 and before are the caller's to put in."""
    for step, changes in _BACK.items():
        if step >= version:
            db.executescript(changes)
    db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(version),))
    db.commit()
