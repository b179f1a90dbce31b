-- Requests outside any share. Digests of what leads to them, and one sealed body.

CREATE TABLE open_requests (
    id BYTEA NOT NULL PRIMARY KEY,
    handle BYTEA NOT NULL UNIQUE,
    object BYTEA NOT NULL UNIQUE,
    forget_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX open_requests_to_forget ON open_requests (forget_at);
CREATE INDEX open_requests_due ON open_requests (due_at);
