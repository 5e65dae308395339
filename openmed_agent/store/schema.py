"""The schema and its history: each migration is a version and the statements that lead to it.

To change the schema, append a migration; a released one is never edited.
"""

from dataclasses import dataclass

_FIRST = (
    # The audit chain.
    """CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        actor TEXT NOT NULL,
        act TEXT NOT NULL,
        subject TEXT NOT NULL,
        details TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), latest TEXT NOT NULL) STRICT",
    # Drafts, their revisions, and the bytes they refer to.
    """CREATE TABLE drafts (
        draft_id TEXT NOT NULL CHECK (draft_id <> ''),
        revision INTEGER NOT NULL CHECK (revision >= 1),
        workflow TEXT NOT NULL,
        workflow_version TEXT NOT NULL,
        created TEXT NOT NULL,
        expires TEXT NOT NULL,
        payload_digest TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (draft_id, revision)
    ) STRICT""",
    "CREATE TABLE blobs (digest TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT",
    """CREATE TABLE draft_blobs (
        draft_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        digest TEXT NOT NULL REFERENCES blobs,
        PRIMARY KEY (draft_id, revision, digest),
        FOREIGN KEY (draft_id, revision) REFERENCES drafts
    ) STRICT""",
    # Reviewers, their decisions and what they signed.
    """CREATE TABLE reviewers (
        name TEXT PRIMARY KEY CHECK (name <> ''),
        key_id TEXT NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        wrapped_key BLOB NOT NULL,
        created TEXT NOT NULL,
        retired TEXT
    ) STRICT""",
    """CREATE TABLE decisions (
        sequence INTEGER PRIMARY KEY,
        draft_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        reviewer TEXT NOT NULL REFERENCES reviewers,
        item TEXT NOT NULL,
        document BLOB NOT NULL,
        decided TEXT NOT NULL,
        FOREIGN KEY (draft_id, revision) REFERENCES drafts
    ) STRICT""",
    "CREATE INDEX decisions_of_draft ON decisions (draft_id, revision, reviewer, item, sequence)",
    """CREATE TABLE approvals (
        nonce TEXT PRIMARY KEY CHECK (nonce <> ''),
        draft_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        statement BLOB NOT NULL,
        signature BLOB NOT NULL,
        issued TEXT NOT NULL,
        expires TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('signed', 'finalizing', 'committed', 'abandoned')),
        staging TEXT CHECK (staging IS NOT NULL OR state = 'signed'),
        FOREIGN KEY (draft_id, revision) REFERENCES drafts
    ) STRICT""",
    # However the code above errs: one draft is finalized by one approval.
    """CREATE UNIQUE INDEX one_approval_of_draft ON approvals (draft_id)
        WHERE state IN ('finalizing', 'committed')""",
    # What is written once stays as it was.
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'audit is append-only'); END""",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT raise(ABORT, 'audit is append-only'); END""",
    """CREATE TRIGGER drafts_are_not_changed BEFORE UPDATE ON drafts
        BEGIN SELECT raise(ABORT, 'a draft is immutable'); END""",
    """CREATE TRIGGER blobs_are_not_changed BEFORE UPDATE ON blobs
        BEGIN SELECT raise(ABORT, 'a blob is immutable'); END""",
    """CREATE TRIGGER decisions_are_not_changed BEFORE UPDATE ON decisions
        BEGIN SELECT raise(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER approvals_move_forward BEFORE UPDATE ON approvals
        WHEN NOT (old.state = 'signed' AND new.state = 'finalizing')
         AND NOT (old.state = 'finalizing' AND new.state IN ('committed', 'abandoned'))
        BEGIN SELECT raise(ABORT, 'an approval moves forward'); END""",
    """CREATE TRIGGER approvals_keep_what_was_signed BEFORE UPDATE OF
        nonce, draft_id, revision, statement, signature, issued, expires ON approvals
        BEGIN SELECT raise(ABORT, 'a signed statement is immutable'); END""",
)

# How a decision was made. Of the older ones nobody knows, so none of them counts as made by a person.
_HOW_DECISIONS_WERE_MADE = (
    """ALTER TABLE decisions ADD COLUMN made TEXT NOT NULL DEFAULT 'scripted'
        CHECK (made IN ('scripted', 'interactive'))""",
)

# Sessions. A fork shares the beginning of its parent's log: a log begins where another one stood, and an event is
# kept as long as a session shows it.
_SESSIONS = (
    """CREATE TABLE logs (
        log INTEGER PRIMARY KEY,
        base INTEGER REFERENCES logs,
        base_sequence INTEGER NOT NULL CHECK (base_sequence >= 0),
        CHECK ((base IS NULL) = (base_sequence = 0))
    ) STRICT""",
    "CREATE INDEX logs_on_base ON logs (base, base_sequence)",
    """CREATE TABLE sessions (
        session_id TEXT PRIMARY KEY CHECK (session_id <> ''),
        log INTEGER NOT NULL UNIQUE REFERENCES logs,
        title TEXT NOT NULL,
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        phi_mode TEXT NOT NULL,
        agent_mode TEXT NOT NULL,
        model TEXT NOT NULL,
        vault_id TEXT NOT NULL CHECK (vault_id <> ''),
        parent TEXT,
        parent_sequence INTEGER,
        CHECK ((parent IS NULL) = (parent_sequence IS NULL))
    ) STRICT""",
    "CREATE INDEX sessions_by_vault ON sessions (vault_id)",
    """CREATE TABLE events (
        event INTEGER PRIMARY KEY,
        log INTEGER NOT NULL REFERENCES logs,
        sequence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        appended TEXT NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (log, sequence)
    ) STRICT""",
    """CREATE TABLE results (
        log INTEGER NOT NULL REFERENCES logs,
        sequence INTEGER NOT NULL,
        handle TEXT NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (log, handle)
    ) STRICT""",
    """CREATE TABLE vault_entries (
        vault_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        surrogate BLOB NOT NULL,
        original BLOB NOT NULL,
        kind TEXT NOT NULL,
        entity INTEGER NOT NULL,
        PRIMARY KEY (vault_id, position)
    ) STRICT, WITHOUT ROWID""",
    # What can be searched. The index lies in the same encrypted file; it is made anew when a session is deleted.
    "CREATE TABLE event_texts (event INTEGER PRIMARY KEY REFERENCES events, text TEXT NOT NULL) STRICT",
    """CREATE VIRTUAL TABLE event_search USING fts5 (
        text, content = 'event_texts', content_rowid = 'event', tokenize = 'unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER event_texts_are_indexed AFTER INSERT ON event_texts
        BEGIN INSERT INTO event_search (rowid, text) VALUES (new.event, new.text); END""",
    # Present while what a deleted session left in the file is not overwritten yet.
    "CREATE TABLE unerased (only INTEGER PRIMARY KEY CHECK (only = 1)) STRICT",
    """CREATE TRIGGER events_follow_one_another BEFORE INSERT ON events
        WHEN new.sequence <> 1 + coalesce((SELECT max(sequence) FROM events WHERE log = new.log),
            (SELECT base_sequence FROM logs WHERE log = new.log))
        BEGIN SELECT raise(ABORT, 'an event follows the last one'); END""",
    """CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
        BEGIN SELECT raise(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_stay_while_shown BEFORE DELETE ON events
        WHEN EXISTS (SELECT 1 FROM sessions WHERE log = old.log)
            OR EXISTS (SELECT 1 FROM logs WHERE base = old.log AND base_sequence >= old.sequence)
        BEGIN SELECT raise(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER results_are_not_changed BEFORE UPDATE ON results
        BEGIN SELECT raise(ABORT, 'a result is immutable'); END""",
    """CREATE TRIGGER results_stay_while_shown BEFORE DELETE ON results
        WHEN EXISTS (SELECT 1 FROM sessions WHERE log = old.log)
            OR EXISTS (SELECT 1 FROM logs WHERE base = old.log AND base_sequence >= old.sequence)
        BEGIN SELECT raise(ABORT, 'a result is immutable'); END""",
    """CREATE TRIGGER event_texts_are_not_changed BEFORE UPDATE ON event_texts
        BEGIN SELECT raise(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER vault_entries_are_not_changed BEFORE UPDATE ON vault_entries
        BEGIN SELECT raise(ABORT, 'a surrogate stands for one text'); END""",
    """CREATE TRIGGER vault_entries_stay_with_their_session BEFORE DELETE ON vault_entries
        WHEN EXISTS (SELECT 1 FROM sessions WHERE vault_id = old.vault_id)
        BEGIN SELECT raise(ABORT, 'a surrogate stands for one text'); END""",
    """CREATE TRIGGER logs_are_not_changed BEFORE UPDATE ON logs
        BEGIN SELECT raise(ABORT, 'a log stays where it began'); END""",
    """CREATE TRIGGER sessions_keep_their_log BEFORE UPDATE OF
        session_id, log, created, vault_id, parent, parent_sequence ON sessions
        BEGIN SELECT raise(ABORT, 'a session keeps its log'); END""",
)


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead from the version before to this one."""

    version: int
    statements: tuple[str, ...]


MIGRATIONS = (Migration(1, _FIRST), Migration(2, _HOW_DECISIONS_WERE_MADE), Migration(3, _SESSIONS))
SCHEMA_VERSION = MIGRATIONS[-1].version
