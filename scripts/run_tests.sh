#!/usr/bin/env bash
# Run every test without a screen: virtual display, throwaway database server, then pytest.
# Usage: scripts/run_tests.sh PYTHON [pytest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
shift

if [ -z "${MASK_AUDIT_TEST_POSTGRES:-}" ] && [ -x scripts/start_test_postgres.sh ]; then
  MASK_AUDIT_TEST_POSTGRES=$(scripts/start_test_postgres.sh || true)
  export MASK_AUDIT_TEST_POSTGRES
fi
if ! command -v chromium >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null ||
    echo "chromium could not be installed; the tests that open the report in it are skipped" >&2
fi
exec scripts/with_display.sh "$python" -m pytest "$@"
