#!/bin/sh
# Runs the tests over HTTP on a PostgreSQL server of its own, and then one in which it is stopped and
# started while people go on. Arguments go to cargo.
set -eu
. "$(dirname "$0")/../../../crates/store/tests/server.sh"

export PORTAL_TEST_POSTGRES="$url"
export PORTAL_TEST_PG_BIN="$bin"
cargo test -p portal "$@" --test journey --test failures --test attacks --test recruitment --test further --test sign_in --test restore
export PORTAL_TEST_STOP="$server -m fast stop"
export PORTAL_TEST_START="$server -o '$options' start"
cargo test -p portal "$@" --test faults -- --ignored

# The tests leave their databases behind: so many were really run on this server.
found=$(databases portal)
echo "databases of tests on PostgreSQL: $found"
[ "$found" -gt 20 ]
