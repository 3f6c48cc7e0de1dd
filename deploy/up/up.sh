#!/usr/bin/env bash
# Starts an installation of many services on this machine, to play with: PostgreSQL, RabbitMQ and an
# S3 server of its own, a gateway, two renderers and a dispatcher. What it keeps is in one folder;
# `down.sh` stops all of it, and the next `up.sh` goes on with the same data.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/place.sh"

main() {
    if is_running gateway; then
        echo "platen: it is up already; \`make down\` stops it"
        exit 0
    fi
    prepare
    start_postgres
    start_rabbitmq
    start s3 "$bin/s3-server" --listen "127.0.0.1:$S3_PORT" --folder "$place/objects" --bucket "$PLATEN_S3_BUCKET"
    "$bin/platen" migrate >"$place/log/migrate" 2>&1 || fail migrate
    make_account
    PLATEN_HEALTH_LISTEN=127.0.0.1:$GATEWAY_HEALTH start gateway "$bin/platen-gateway"
    PLATEN_HEALTH_LISTEN=127.0.0.1:$RENDERER_1_HEALTH start renderer-1 "$bin/platen-renderer"
    PLATEN_HEALTH_LISTEN=127.0.0.1:$RENDERER_2_HEALTH start renderer-2 "$bin/platen-renderer"
    PLATEN_HEALTH_LISTEN=127.0.0.1:$DISPATCHER_HEALTH start dispatcher "$bin/platen-dispatcher"
    wait_ready gateway "$GATEWAY_HEALTH"
    wait_ready renderer-1 "$RENDERER_1_HEALTH"
    wait_ready renderer-2 "$RENDERER_2_HEALTH"
    wait_ready dispatcher "$DISPATCHER_HEALTH"
    tell
}

# Makes the folder, the secrets and the list of ports, unless they are there.
prepare() {
    umask 077
    mkdir -p "$place/log" "$place/pid" "$place/objects"
    [[ -f $place/environment ]] || write_environment
    set -a
    . "$place/environment"
    set +a
}

write_environment() {
    local base secret
    base=$(free_base)
    secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
    cat >"$place/environment.new" <<END
# What every service and \`platen\` is told; \`set -a; . $place/environment\` tells a shell.
POSTGRES_PORT=$((base + 1))
RABBIT_PORT=$((base + 2))
RABBIT_DIST_PORT=$((base + 3))
RABBIT_EPMD_PORT=$((base + 4))
RABBIT_COOKIE=$(secret)
S3_PORT=$((base + 5))
GATEWAY_HEALTH=$((base + 6))
RENDERER_1_HEALTH=$((base + 7))
RENDERER_2_HEALTH=$((base + 8))
DISPATCHER_HEALTH=$((base + 9))
PLATEN_LISTEN=127.0.0.1:$base
PLATEN_PUBLIC_URL=http://127.0.0.1:$base
PLATEN_DATABASE_URL=postgres://platen@127.0.0.1:$((base + 1))/platen
PLATEN_AMQP_URL=amqp://guest:guest@127.0.0.1:$((base + 2))
PLATEN_S3_ENDPOINT=http://127.0.0.1:$((base + 5))
PLATEN_S3_BUCKET=platen
PLATEN_S3_ACCESS_KEY_ID=platen
PLATEN_S3_SECRET_ACCESS_KEY=$(secret)
PLATEN_LINK_KEY=$(secret)
PLATEN_SEAL_KEY=$(secret)
END
    mv "$place/environment.new" "$place/environment"
}

# The first of ten ports of the loopback that are free; 8080 to 8089 if they are.
free_base() {
    local base port
    for base in 8080 18080 18180 18280 18380 18480; do
        for port in $(seq "$base" $((base + 9))); do
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
        done
        echo "$base"
        return
    done
    echo "platen: no ten ports in a row are free; end what listens on 8080 to 8089" >&2
    exit 1
}

start_postgres() {
    local data=$place/postgres
    as_postgres true 2>/dev/null || {
        echo "platen: the user postgres can't reach $place; name a folder that it can with PLATEN_UP_DIR" >&2
        exit 1
    }
    if [[ ! -f $data/PG_VERSION ]]; then
        as_postgres "$pg_bin/initdb" -D "$data" -U platen -A trust -E UTF8 --locale=C.UTF-8 \
            >"$place/log/postgres" 2>&1 || fail postgres
    fi
    as_postgres "$pg_bin/pg_ctl" status -D "$data" >/dev/null 2>&1 ||
        as_postgres "$pg_bin/pg_ctl" start -w -D "$data" -l "$data/log" \
            -o "-p $POSTGRES_PORT -k $data -c listen_addresses=127.0.0.1" >>"$place/log/postgres" 2>&1 || fail postgres
    "$pg_bin/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U platen -d postgres -Atc \
        "select 1 from pg_database where datname = 'platen'" | grep -q 1 ||
        "$pg_bin/createdb" -h 127.0.0.1 -p "$POSTGRES_PORT" -U platen platen
    echo "platen: PostgreSQL listens on 127.0.0.1:$POSTGRES_PORT"
}

start_rabbitmq() {
    local home=$place/rabbitmq
    mkdir -p "$home"
    printf %s "$RABBIT_COOKIE" >"$home/.erlang.cookie.new"
    chmod 400 "$home/.erlang.cookie.new"
    mv -f "$home/.erlang.cookie.new" "$home/.erlang.cookie"
    : >"$home/environment"
    echo '[].' >"$home/plugins"
    printf 'listeners.tcp.1 = 127.0.0.1:%s\ndisk_free_limit.absolute = 50MB\n' "$RABBIT_PORT" >"$home/rabbitmq.conf"
    export ERL_EPMD_PORT=$RABBIT_EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
    start epmd epmd -port "$RABBIT_EPMD_PORT" -address 127.0.0.1
    # With `detached` set the server's script becomes the node, so its process id is the node's.
    HOME=$home detached=yes RABBITMQ_NODENAME=platen-$RABBIT_PORT@localhost RABBITMQ_DIST_PORT=$RABBIT_DIST_PORT \
        RABBITMQ_CONF_ENV_FILE=$home/environment RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf \
        RABBITMQ_ADVANCED_CONFIG_FILE=$home/none RABBITMQ_ENABLED_PLUGINS_FILE=$home/plugins \
        RABBITMQ_MNESIA_BASE=$home/data RABBITMQ_LOG_BASE=$home/log RABBITMQ_PID_FILE=$home/pid \
        RABBITMQ_FEATURE_FLAGS_FILE=$home/features RABBITMQ_GENERATED_CONFIG_DIR=$home/generated \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none' \
        start rabbitmq /usr/lib/rabbitmq/bin/rabbitmq-server
    echo "platen: RabbitMQ will listen on 127.0.0.1:$RABBIT_PORT"
}

# An account with credits and a key, at the first start.
make_account() {
    [[ ! -f $place/key ]] || return 0
    local account
    account=$("$bin/platen" account create default --credits 10000 --json | sed -E 's/.*"account_id": ?"([^"]+)".*/\1/')
    "$bin/platen" account set "$account" --rate off >/dev/null
    "$bin/platen" key create "$account" --json | sed -E 's/.*"api_key": ?"([^"]+)".*/\1/' >"$place/key.new"
    mv "$place/key.new" "$place/key"
}

# Starts a program in the background, its log in $place/log/$1.
start() {
    local name=$1
    shift
    # What a start that failed has left running goes on.
    ! is_running "$name" || return 0
    setsid "$@" >>"$place/log/$name" 2>&1 </dev/null &
    echo $! >"$place/pid/$name"
}

wait_ready() {
    local name=$1 port=$2
    for _ in $(seq 300); do
        if curl -sf "http://127.0.0.1:$port/health/ready" >/dev/null; then
            echo "platen: $name is ready"
            return
        fi
        is_running "$name" || fail "$name"
        sleep 0.2
    done
    fail "$name"
}

fail() {
    echo "platen: $1 does not start; \`make down\` stops the rest. Its log ends with:" >&2
    tail -n 20 "$place/log/$1" >&2
    exit 1
}

tell() {
    cat <<END

Platen is up at $PLATEN_PUBLIC_URL: a gateway, two renderers, a dispatcher.
  data, logs   $place
  API key      $(cat "$place/key")
  stop         make down

Try it; this makes hello.pdf:

  curl -sS -H 'X-API-Key: $(cat "$place/key")' -d '{"html":"PGgxPkhlbGxvLCBwYXBlcjwvaDE+"}' $PLATEN_PUBLIC_URL/v1/html/pdf -o hello.pdf

END
}

main
