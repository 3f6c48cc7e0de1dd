#!/usr/bin/env bash
# Stops what `up.sh` started, the services first so that they finish what they have in hand. The data
# stays; remove the folder to begin anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/place.sh"

stop() {
    local name=$1 signal=${2:-TERM} pid
    is_running "$name" || return 0
    pid=$(<"$place/pid/$name")
    kill -s "$signal" "$pid"
    for _ in $(seq 600); do
        is_running "$name" || break
        sleep 0.1
    done
    if is_running "$name"; then
        echo "platen: $name does not end by itself and is killed"
        kill -s KILL "$pid"
    fi
    rm -f "$place/pid/$name"
    echo "platen: $name has stopped"
}

[[ -d $place ]] || { echo "platen: nothing is up"; exit 0; }
for service in gateway renderer-1 renderer-2 dispatcher s3 rabbitmq; do
    stop "$service"
done
stop epmd KILL
if as_postgres "$pg_bin/pg_ctl" status -D "$place/postgres" >/dev/null 2>&1; then
    as_postgres "$pg_bin/pg_ctl" stop -m fast -D "$place/postgres" >/dev/null
    echo "platen: postgres has stopped"
fi
echo "platen: all is down; the data is kept in $place"
