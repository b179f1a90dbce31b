-- How often a person was reminded of an invitation, and when last. It begins when it is first looked at.

CREATE TABLE reminders (
    tenant TEXT NOT NULL,
    reference TEXT NOT NULL,
    sent INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, reference),
    FOREIGN KEY (tenant, reference) REFERENCES shares (tenant, reference) ON DELETE CASCADE
) STRICT;
