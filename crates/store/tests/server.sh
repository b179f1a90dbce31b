# To be sourced. Starts a PostgreSQL server of its own, in a temporary directory and on a free port, and
# stops it when the shell ends. Needs Debian's package postgresql.
#
#   $server, $options   the command that starts and stops it, and what it is started with
#   $url                where it is, without a database
#   databases PREFIX    how many databases have names that begin so
#   another NAME OPTIONS…   starts another server on the data folder of that name, and says where it is
#   standby NAME        makes a data folder of that name for a standby of the first server

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
directory=$(mktemp -d)
free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
port=$(free_port)
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
    for data in "$directory"/*/PG_VERSION; do
        $as "$bin/pg_ctl" -D "${data%/*}" -m immediate stop >/dev/null 2>&1 || true
    done
    rm -rf "$directory"
}
trap stop EXIT INT TERM

databases() {
    count="SELECT count(*) FROM pg_database WHERE datname LIKE '$1\\_%'"
    "$bin/psql" -h 127.0.0.1 -p "$port" -U staffpass -d postgres -Atc "$count"
}

new() {
    (cd "$directory" && $as "$bin/initdb" -D "$directory/$1" -U staffpass --auth=trust >/dev/null)
}

another() {
    name=$1
    shift
    other=$(free_port)
    # A standby has to allow as many connections as its primary.
    others="-p $other -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory -c max_connections=300 $*"
    (cd "$directory" && $as "$bin/pg_ctl" -D "$directory/$name" -l "$directory/$name.log" -w -o "$others" start >/dev/null)
    echo "postgres://staffpass@127.0.0.1:$other"
}

standby() {
    (cd "$directory" && $as "$bin/pg_basebackup" -h 127.0.0.1 -p "$port" -U staffpass -D "$directory/$1" -R -c fast)
}

cd "$directory"
new data
$server -o "$options" start >/dev/null
cd "$OLDPWD"
