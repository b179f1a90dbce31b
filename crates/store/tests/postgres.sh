#!/bin/sh
# Starts a PostgreSQL server of its own, in a temporary directory and on a free port, and runs the
# store's tests on SQLite and on it. Needs Debian's package postgresql.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
directory=$(mktemp -d)
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
# The server does not run as root.
as=""
if [ "$(id -u)" = 0 ]; then
    chown postgres "$directory"
    as="runuser -u postgres --"
fi
cd "$directory"
stop() {
    $as "$bin/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap stop EXIT INT TERM

$as "$bin/initdb" -D "$directory/data" -U staffpass --auth=trust >/dev/null
$as "$bin/pg_ctl" -D "$directory/data" -l "$directory/log" -w \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory -c max_connections=300" \
    start >/dev/null

cd "$OLDPWD"
STAFFPASS_POSTGRES="postgres://staffpass@127.0.0.1:$port" \
    cargo test -p staffpass-store --features postgres "$@"

# The tests leave their databases behind: so many were really run on this server.
count="SELECT count(*) FROM pg_database WHERE datname LIKE 'staffpass\\_%'"
found=$("$bin/psql" -h 127.0.0.1 -p "$port" -U staffpass -d postgres -Atc "$count")
echo "databases of tests on PostgreSQL: $found"
[ "$found" -gt 0 ]
