-- Shares, and what belongs to them. A tenant is in every key.

CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL
) STRICT;
INSERT INTO installation (id, epoch) VALUES (1, 0);

CREATE TABLE shares (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    version INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    has_answers INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, reference)
) STRICT;

-- One invitation for an email address or a mobile number in a trust: a blind index, and no address.
CREATE TABLE contacts (
    tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    idx BLOB NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (tenant, channel, idx),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;
CREATE INDEX contacts_of_share ON contacts (tenant, reference);

-- state: 0 live, 1 used, 2 superseded.
CREATE TABLE invitations (
    tenant TEXT NOT NULL,
    token BLOB NOT NULL,
    reference TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (tenant, token),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;
CREATE INDEX invitations_of_share ON invitations (tenant, reference);

-- One live session for an invitation.
CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    session BLOB NOT NULL,
    PRIMARY KEY (tenant, reference),
    UNIQUE (tenant, session),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;

-- A response address is unguessable and names the tenant, so that it is found without one.
-- state: 0 waiting, 1 answered.
CREATE TABLE requests (
    tenant TEXT NOT NULL,
    handle BLOB NOT NULL UNIQUE,
    request_id BLOB NOT NULL UNIQUE,
    nonce BLOB NOT NULL,
    reference TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    state INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    scanned_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, handle),
    UNIQUE (tenant, nonce),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;
CREATE INDEX requests_of_share ON requests (tenant, reference);

-- kind: 0 a receipt, 1 a submitted share. The body is a sealed record.
CREATE TABLE records (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    kind INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, reference, kind),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;

-- The key under which the audit names a share. It goes with the share; the entries stay.
CREATE TABLE subjects (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, reference),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;

CREATE TABLE send_windows (
    tenant TEXT NOT NULL,
    scope TEXT NOT NULL,
    idx BLOB NOT NULL,
    touched_at INTEGER NOT NULL,
    sends TEXT NOT NULL,
    PRIMARY KEY (tenant, scope, idx)
) STRICT;

-- Text messages a day; the tenant of the whole installation is the empty one.
CREATE TABLE spend (
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (tenant, day)
) STRICT;

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq INTEGER NOT NULL,
    entry TEXT NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT;

CREATE TABLE audit_heads (
    tenant TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;

-- What is left of shares that were deleted: how many, of what month.
CREATE TABLE retired (
    tenant TEXT NOT NULL,
    month TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    shares INTEGER NOT NULL,
    PRIMARY KEY (tenant, month, outcome)
) STRICT;

-- The audit grows, and does nothing else.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
