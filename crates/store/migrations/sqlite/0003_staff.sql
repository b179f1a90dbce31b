-- The trust's own people, signed in at some portal. A row is dead after its time, and after a restore.

-- A sign-in that has gone to the provider and has not come back.
CREATE TABLE staff_sign_ins (
    tenant TEXT NOT NULL,
    state BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, state)
) STRICT;
CREATE INDEX staff_sign_ins_by_end ON staff_sign_ins (ends_at);

CREATE TABLE staff_sessions (
    tenant TEXT NOT NULL,
    session BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, session)
) STRICT;
CREATE INDEX staff_sessions_by_end ON staff_sessions (ends_at);
