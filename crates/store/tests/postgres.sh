#!/bin/sh
# Runs the store's tests on SQLite and on a PostgreSQL server of its own. Arguments go to cargo.
set -eu
. "$(dirname "$0")/server.sh"

STAFFPASS_POSTGRES="$url" cargo test -p staffpass-store --features postgres "$@"

# The tests leave their databases behind: so many were really run on this server.
found=$(databases staffpass)
echo "databases of tests on PostgreSQL: $found"
[ "$found" -gt 0 ]
