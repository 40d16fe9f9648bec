#!/bin/sh
# Look for the programs that come from the operating system, and install what is missing.
#
#   system.sh run     what `make demo` needs: Java and Maven for Kafka (Node comes with node.sh)
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
if [ "${1:-all}" = all ]; then
    need chromium chromium
    need dcmdjpls dcmtk
    need opj_decompress libopenjp2-tools
    need Xvfb xvfb
    need xauth xauth
    need promtool prometheus
    need gst-launch-1.0 gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-rtsp
    gst-inspect-1.0 h264parse >/dev/null 2>&1 || missing="$missing gstreamer1.0-plugins-bad"
    /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
        missing="$missing python3-gi gir1.2-gst-rtsp-server-1.0"
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
