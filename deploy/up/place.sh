# Where everything is, for `up.sh` and `down.sh`.

root=$(cd "$here/../.." && pwd)
place=${PLATEN_UP_DIR:-$root/platen-up}
bin=${CARGO_TARGET_DIR:-$root/target}/debug
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

# PostgreSQL refuses to be run by root.
as_postgres() {
    if ((EUID == 0)); then
        mkdir -p "$place/postgres"
        chmod o+x "$place"
        chown postgres "$place/postgres"
        (cd "$place/postgres" && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# Whether the process that was started under this name runs still; ids are used again in time, so its
# program is looked at.
is_running() {
    local pid program
    case $1 in
    rabbitmq) program=rabbit ;;
    renderer-*) program=platen-renderer ;;
    gateway | dispatcher) program=platen-$1 ;;
    s3) program=s3-server ;;
    *) program=$1 ;;
    esac
    [[ -f $place/pid/$1 ]] || return 1
    pid=$(<"$place/pid/$1")
    [[ -r /proc/$pid/cmdline ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "$program"
}
