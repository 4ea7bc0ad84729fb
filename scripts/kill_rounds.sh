#!/bin/sh
# Kill a reviewer at random moments, 200 times on SQLite and 200 times on PostgreSQL, and check that
# nothing they were told was stored is missing. The tests do the same with a few rounds.
#
#   scripts/kill_rounds.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
MASK_AUDIT_KILL_ROUNDS="${1:-200}"
MASK_AUDIT_TEST_POSTGRES="$(scripts/start_test_postgres.sh)"
export MASK_AUDIT_KILL_ROUNDS MASK_AUDIT_TEST_POSTGRES
exec python -m pytest -q -n0 -p no:cacheprovider tests/review/test_kill.py -rs
