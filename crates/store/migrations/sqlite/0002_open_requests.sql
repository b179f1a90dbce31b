-- Requests outside any share. Digests of what leads to them, and one sealed body.

CREATE TABLE open_requests (
    id BLOB NOT NULL PRIMARY KEY,
    handle BLOB NOT NULL UNIQUE,
    object BLOB NOT NULL UNIQUE,
    forget_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX open_requests_to_forget ON open_requests (forget_at);
CREATE INDEX open_requests_due ON open_requests (due_at);
