//! Verifies presentations and credentials under a trust policy, with a report of every check.
