#!/bin/sh
# Start a private, throwaway PostgreSQL server for the tests and print its SQLAlchemy URL.
#
#   MASK_AUDIT_TEST_POSTGRES="$(scripts/start_test_postgres.sh)" pytest -m postgres
#   scripts/start_test_postgres.sh stop
#
# The server listens on a Unix socket only, in a folder that nobody else can enter. Calling the
# script again prints the URL of the server that runs already. Where there is no PostgreSQL it is
# installed by apt if that is allowed (root, or sudo without a password). Where it cannot be had,
# nothing is printed on stdout, the reason goes to stderr, and the tests that need it are skipped.
set -u

folder="${MASK_AUDIT_TEST_POSTGRES_DIR:-/tmp/mask-audit-postgres-$(id -u)}"

give_up() {
    echo "start_test_postgres: $1; the tests on PostgreSQL will be skipped" >&2
    exit 0
}

find_programs() {
    for candidate in "$(command -v initdb 2>/dev/null)" /usr/lib/postgresql/*/bin/initdb \
        /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb; do
        [ -x "$candidate" ] && programs="$(dirname "$(readlink -f "$candidate")")"
    done
    [ -n "${programs:-}" ]
}

install_by_apt() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo -n"; $sudo true 2>/dev/null || return 1; fi
    echo "start_test_postgres: installing postgresql by apt" >&2
    $sudo apt-get update -q >&2 2>&1
    $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends postgresql >&2 2>&1
}

# PostgreSQL refuses to run as root: there, its own user runs it.
as_owner() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        (cd / && runuser -u postgres -- "$@")
    else
        give_up "this is root and there is no runuser to become the user postgres"
    fi
}

find_programs || { install_by_apt && find_programs; } || give_up "no PostgreSQL is installed"

data="$folder/data"
if [ "${1:-}" = stop ]; then
    [ -d "$data" ] && as_owner "$programs/pg_ctl" -D "$data" -m fast -w stop >&2
    rm -rf "$folder"
    exit 0
fi

if ! as_owner "$programs/pg_ctl" -D "$data" status >/dev/null 2>&1; then
    rm -rf "$folder"
    mkdir -m 700 "$folder" || give_up "the folder $folder cannot be made"
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || give_up "this is root and there is no user postgres"
        chown postgres "$folder"
    fi
    as_owner "$programs/initdb" -D "$data" -U postgres --auth=trust --encoding=UTF8 \
        --locale=C --no-sync >"$folder/initdb.log" 2>&1 ||
        { cat "$folder/initdb.log" >&2; give_up "initdb failed"; }
    # A throwaway server need not survive a power cut; the store's own safety is not tested by it.
    as_owner "$programs/pg_ctl" -D "$data" -l "$folder/log" -w -t 60 \
        -o "-F -c listen_addresses= -c unix_socket_directories=$folder" \
        start </dev/null >/dev/null 2>&1 || give_up "the server did not start, see $folder/log"
fi

echo "postgresql+psycopg://postgres@/postgres?host=$folder"
