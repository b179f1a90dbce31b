-- Shares, and what belongs to them. A tenant is in every key.

CREATE TABLE installation (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL
);
INSERT INTO installation (id, epoch) VALUES (1, 0);

CREATE TABLE shares (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    version BIGINT NOT NULL,
    outcome BIGINT NOT NULL,
    has_answers BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, reference)
);

-- One invitation for an email address or a mobile number in a trust: a blind index, and no address.
CREATE TABLE contacts (
    tenant TEXT NOT NULL,
    channel TEXT NOT NULL,
    idx BYTEA NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (tenant, channel, idx),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);
CREATE INDEX contacts_of_share ON contacts (tenant, reference);

-- state: 0 live, 1 used, 2 superseded.
CREATE TABLE invitations (
    tenant TEXT NOT NULL,
    token BYTEA NOT NULL,
    reference TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (tenant, token),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);
CREATE INDEX invitations_of_share ON invitations (tenant, reference);

-- One live session for an invitation.
CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    session BYTEA NOT NULL,
    PRIMARY KEY (tenant, reference),
    UNIQUE (tenant, session),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);

-- A response address is unguessable and names the tenant, so that it is found without one.
-- state: 0 waiting, 1 answered.
CREATE TABLE requests (
    tenant TEXT NOT NULL,
    handle BYTEA NOT NULL UNIQUE,
    request_id BYTEA NOT NULL UNIQUE,
    nonce BYTEA NOT NULL,
    reference TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    state BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    scanned_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, handle),
    UNIQUE (tenant, nonce),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);
CREATE INDEX requests_of_share ON requests (tenant, reference);

-- kind: 0 a receipt, 1 a submitted share. The body is a sealed record.
CREATE TABLE records (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    kind BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, reference, kind),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);

-- The key under which the audit names a share. It goes with the share; the entries stay.
CREATE TABLE subjects (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, reference),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
);

CREATE TABLE send_windows (
    tenant TEXT NOT NULL,
    scope TEXT NOT NULL,
    idx BYTEA NOT NULL,
    touched_at BIGINT NOT NULL,
    sends TEXT NOT NULL,
    PRIMARY KEY (tenant, scope, idx)
);

-- Text messages a day; the tenant of the whole installation is the empty one.
CREATE TABLE spend (
    tenant TEXT NOT NULL,
    day BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    PRIMARY KEY (tenant, day)
);

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    entry TEXT NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE audit_heads (
    tenant TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    mac BYTEA NOT NULL
);

-- What is left of shares that were deleted: how many, of what month.
CREATE TABLE retired (
    tenant TEXT NOT NULL,
    month TEXT NOT NULL,
    outcome BIGINT NOT NULL,
    shares BIGINT NOT NULL,
    PRIMARY KEY (tenant, month, outcome)
);

-- The audit grows, and does nothing else.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
