#!/bin/sh
# Starts a PostgreSQL server of its own, in a temporary directory and on a free port; runs the tests over
# HTTP on it, and then one in which it is stopped and started while people go on. Needs Debian's package
# postgresql. Arguments go to cargo.
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

$as "$bin/initdb" -D "$directory/data" -U portal --auth=trust >/dev/null
server="$as $bin/pg_ctl -D $directory/data -l $directory/log -w"
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory -c max_connections=300"
$server -o "$options" start >/dev/null

cd "$OLDPWD"
export PORTAL_TEST_POSTGRES="postgres://portal@127.0.0.1:$port"
cargo test -p portal "$@" --test journey --test failures --test attacks --test recruitment
export PORTAL_TEST_STOP="$server -m fast stop"
export PORTAL_TEST_START="$server -o '$options' start"
cargo test -p portal "$@" --test faults -- --ignored

# The tests leave their databases behind: so many were really run on this server.
count="SELECT count(*) FROM pg_database WHERE datname LIKE 'portal\\_%'"
found=$("$bin/psql" -h 127.0.0.1 -p "$port" -U portal -d postgres -Atc "$count")
echo "databases of tests on PostgreSQL: $found"
[ "$found" -gt 20 ]
