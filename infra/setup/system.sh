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
need_package() { # need_package PACKAGE...: what brings no command; looked for where dpkg can tell
    command -v dpkg-query >/dev/null 2>&1 || return 0
    for package; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed' ||
            missing="$missing $package"
    done
}

need java openjdk-17-jre-headless
need mvn maven
need node nodejs
need npm npm
if [ "${1:-all}" = all ]; then
    need chromium chromium
    need_package fonts-noto-cjk
    need dcmdjpls dcmtk
    need opj_decompress libopenjp2-tools
    need Xvfb xvfb
    need xrandr x11-xserver-utils
    need promtool prometheus
    need_package gir1.2-gst-rtsp-server-1.0 python3-gi \
        gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
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
