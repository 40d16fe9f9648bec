#!/bin/sh
# Node builds the page. Debian 12 has Node 18, too old for it; where the machine has no Node 20.19 or later with npm, a
# wheel brings one into the Python environment.
#
#   node.sh BIN     BIN is the environment's folder of programs
set -eu
fits='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
if command -v npm >/dev/null 2>&1 && node -e "$fits" 2>/dev/null; then
    exit 0
fi
echo "Installing Node into $(dirname "$1")"
exec "$1/pip" install --disable-pip-version-check --quiet --require-hashes -r "$(dirname "$0")/node.lock"
