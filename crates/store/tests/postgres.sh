#!/bin/sh
# Runs the store's tests on SQLite and on a PostgreSQL server of its own. Arguments go to cargo.
set -eu
. "$(dirname "$0")/server.sh"

# Three that the store has to refuse.
standby standby
new unsynced
new hasty
STAFFPASS_POSTGRES_STANDBY=$(another standby)
STAFFPASS_POSTGRES_UNSYNCED=$(another unsynced -c fsync=off)
STAFFPASS_POSTGRES_HASTY=$(another hasty -c synchronous_commit=off)
export STAFFPASS_POSTGRES_STANDBY STAFFPASS_POSTGRES_UNSYNCED STAFFPASS_POSTGRES_HASTY

STAFFPASS_POSTGRES="$url" cargo test -p staffpass-store --features postgres "$@"

# The tests leave their databases behind: so many were really run on this server.
found=$(databases staffpass)
echo "databases of tests on PostgreSQL: $found"
[ "$found" -gt 0 ]
