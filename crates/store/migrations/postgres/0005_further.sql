-- A further share belongs to one that was submitted, whose reference this is, and goes with it.

ALTER TABLE shares ADD COLUMN further_to TEXT;
CREATE INDEX shares_further ON shares (tenant, further_to);
