-- The trust's own people, signed in at some portal. A row is dead after its time, and after a restore.

-- A sign-in that has gone to the provider and has not come back.
CREATE TABLE staff_sign_ins (
    tenant TEXT NOT NULL,
    state BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, state)
);
CREATE INDEX staff_sign_ins_by_end ON staff_sign_ins (ends_at);

CREATE TABLE staff_sessions (
    tenant TEXT NOT NULL,
    session BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, session)
);
CREATE INDEX staff_sessions_by_end ON staff_sessions (ends_at);
