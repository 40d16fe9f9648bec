#!/bin/sh
# Look for the programs that come from the operating system, and install what is missing.
#
#   system.sh run     what `make demo` needs: Java and Maven for Kafka, Node for the page
#   system.sh all     and what the tests need: a browser, DICOM and JPEG 2000 tools of other people, a screen, RTSP
#
# As root on Debian or Ubuntu it installs; otherwise it prints the command that would, and ends with 1.
set -eu

missing=""
need() { # need COMMAND PACKAGE...
    command -v "$1" >/dev/null 2>&1 && return 0
    shift
    missing="$missing $*"
}

need java openjdk-17-jre-headless
need mvn maven
need node nodejs
need npm npm
if [ "${1:-all}" = all ]; then
    need chromium chromium
    need dcmdjpls dcmtk
    need opj_decompress libopenjp2-tools
    need Xvfb xvfb
    need xauth xauth
    need promtool prometheus
    need gst-launch-1.0 gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-rtsp
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
fi

if [ -n "$missing" ]; then
    install="apt-get install -y --no-install-recommends$missing"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing:$missing"
        apt-get update -q
        # shellcheck disable=SC2086  # one word per package
        DEBIAN_FRONTEND=noninteractive $install
    else
        echo "Missing:$missing"
        echo "Install them and run make again. On Debian or Ubuntu: sudo $install"
        exit 1
    fi
fi

# Debian 12 has Node 18, too old to build the page.
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    echo "Node $(node --version) is too old to build the page: install Node 20.19 or later (nodejs.org) and run make again."
    exit 1
fi
