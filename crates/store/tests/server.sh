# To be sourced. Starts a PostgreSQL server of its own, in a temporary directory and on a free port, and
# stops it when the shell ends. Needs Debian's package postgresql.
#
#   $server, $options   the command that starts and stops it, and what it is started with
#   $url                where it is, without a database
#   databases PREFIX    how many databases have names that begin so

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
directory=$(mktemp -d)
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
# The server does not run as root.
as=""
if [ "$(id -u)" = 0 ]; then
    chown postgres "$directory"
    as="runuser -u postgres --"
fi
server="$as $bin/pg_ctl -D $directory/data -l $directory/log -w"
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory -c max_connections=300"
url="postgres://staffpass@127.0.0.1:$port"

stop() {
    $server -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap stop EXIT INT TERM

databases() {
    count="SELECT count(*) FROM pg_database WHERE datname LIKE '$1\\_%'"
    "$bin/psql" -h 127.0.0.1 -p "$port" -U staffpass -d postgres -Atc "$count"
}

cd "$directory"
$as "$bin/initdb" -D "$directory/data" -U staffpass --auth=trust >/dev/null
$server -o "$options" start >/dev/null
cd "$OLDPWD"
