#!/bin/sh
# Builds Wireproof's adapter for lwIP, so that `wireproof run --device lwip` finds it.
#
#   build.sh                  lwIP from Debian's source package
#   build.sh --source DIR     lwIP from a folder: one with src/core/tcp.c and contrib/addons/tcp_isn below it
#
#   --suite NAME    the release of Debian whose package is taken                   (default: trixie, lwIP 2.2.1)
#   --output DIR    where the adapter goes                    (default: $WIREPROOF_DEVICES, else the user's cache)
#   --sanitize      with the address and undefined-behaviour sanitizers, into DIR/lwip-sanitize
#   --force         again, even if it is built
#
# Wants a C compiler; for Debian's package also apt-get, dpkg-source (package dpkg-dev), Debian's keys (package
# debian-archive-keyring) and the network. Needs no root: the list of sources, the index and the package stay in a
# folder of their own, and the system's are neither read nor written. $DEBIAN_MIRROR names another mirror.
set -eu

suite=trixie
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wireproof
output=${WIREPROOF_DEVICES:-$cache/devices}
source=
sanitize=
force=

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

usage() {
    sed -n 's/^# \{0,1\}//; 2,15p' "$0"
    exit "$1"
}

while [ $# -gt 0 ]; do
    case $1 in
    --source | --suite | --output)
        [ $# -ge 2 ] || fail "$1 wants an argument"
        case $1 in
        --source) source=$2 ;;
        --suite) suite=$2 ;;
        --output) output=$2 ;;
        esac
        shift
        ;;
    --sanitize) sanitize=yes ;;
    --force) force=yes ;;
    --help | -h) usage 0 ;;
    *)
        echo "build.sh: what is $1?" >&2
        usage 2 >&2
        ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd)
folder=$output/lwip${sanitize:+-sanitize}
adapter=$folder/wireproof-lwip
cc=${CC:-cc}

command -v "$cc" >/dev/null || fail "no C compiler; install gcc and libc6-dev, or name one in \$CC"

# The source package of a release of Debian, unpacked: prints its folder. What is there already is not fetched again.
from_debian() {
    kept=$cache/source/lwip-$suite
    if [ ! -e "$kept/unpacked/src/core/tcp.c" ]; then
        command -v apt-get >/dev/null ||
            fail "no apt-get: unpack lwIP yourself and name its folder with --source (https://savannah.nongnu.org/projects/lwip/)"
        command -v dpkg-source >/dev/null || fail "no dpkg-source; install dpkg-dev"
        [ -e "$keys" ] || fail "no $keys; install debian-archive-keyring"
        rm -rf "$kept"
        mkdir -p "$kept/lists/partial" "$kept/cache/archives/partial" "$kept/package"
        printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
            "$mirror" "$suite" "$keys" >"$kept/wireproof.sources"
        cat >"$kept/apt.conf" <<CONF
Dir::Etc::sourcelist "$kept/wireproof.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$kept/lists";
Dir::State::status "/dev/null";
Dir::Cache "$kept/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
        {
            APT_CONFIG=$kept/apt.conf apt-get -q update &&
                (cd "$kept/package" && APT_CONFIG=$kept/apt.conf apt-get -q source --download-only lwip)
        } >"$kept/log" 2>&1 || {
            cat "$kept/log" >&2
            fail "Debian's source package lwip ($suite) cannot be had from $mirror"
        }
        # dpkg-source checks the sums that the signed index vouched for.
        (cd "$kept/package" && dpkg-source -x ./*.dsc ../unpacking) >>"$kept/log" 2>&1 || {
            cat "$kept/log" >&2
            fail "Debian's source package cannot be unpacked"
        }
        rm -rf "$kept/lists" "$kept/cache"
        mv "$kept/unpacking" "$kept/unpacked"
    fi
    echo "$kept/unpacked"
}

if [ -n "$source" ]; then
    [ -d "$source" ] || fail "no folder $source"
    lwip=$(cd "$source" && pwd)
    origin=$lwip
else
    lwip=$(from_debian)
    origin="Debian $suite, $(basename "$(ls "$lwip"/../package/*.dsc)" .dsc)"
fi
for file in src/core/tcp.c src/netif/ppp/polarssl/md5.c contrib/addons/tcp_isn/tcp_isn.c; do
    [ -e "$lwip/$file" ] || fail "$lwip has no $file; it should be the whole of lwIP, 2.2.0 or later"
done

# What the adapter is made of, as one word: the same word, the same adapter.
made_of=$(
    {
        echo "$origin" "$cc" "${CFLAGS:-}" "$sanitize"
        cat "$here"/adapter/*.[ch] "$here"/port/*.h "$here"/port/arch/*.h "$here/../wireproof_adapter.h" "$here/build.sh"
        [ -z "$source" ] || cat "$lwip"/src/core/*.c "$lwip"/src/core/ipv[46]/*.c
    } | cksum
)
if [ -z "$force" ] && [ -x "$adapter" ] && [ "$(cat "$folder/made-of" 2>/dev/null)" = "$made_of" ]; then
    echo "$adapter is up to date ($origin)"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -D_GNU_SOURCE -O2 -g ${CFLAGS:-}"
# Shifts into the sign bit are left out: lwIP reads each timestamp by one, and every compiler does what it means.
[ -z "$sanitize" ] ||
    flags="$flags -fsanitize=address,undefined -fno-sanitize=shift -fno-sanitize-recover=all -fno-omit-frame-pointer"
set -- -I"$here/port" -I"$here/adapter" -I"$here/.." -isystem "$lwip/src/include" -isystem "$lwip/contrib/addons/tcp_isn"

compile() {
    # The flags are words.
    # shellcheck disable=SC2086
    "$cc" $flags "$@" || fail "$cc failed"
}

# Only MD5 is wanted of the part that is otherwise for PPP.
compile "$@" -w -DPPP_SUPPORT=1 -DLWIP_INCLUDED_POLARSSL_MD5=1 -c "$lwip/src/netif/ppp/polarssl/md5.c" -o "$work/md5.o"
for file in "$lwip"/src/core/*.c "$lwip"/src/core/ipv4/*.c "$lwip"/src/core/ipv6/*.c "$lwip/src/netif/ethernet.c" \
    "$lwip/contrib/addons/tcp_isn/tcp_isn.c"; do
    compile "$@" -w -c "$file" -o "$work/lwip-$(basename "$(dirname "$file")")-$(basename "$file" .c).o"
done
for file in "$here"/adapter/*.c; do
    compile "$@" -Wall -Wextra -c "$file" -o "$work/$(basename "$file" .c).o"
done
mkdir -p "$folder"
compile "$work"/*.o -o "$folder/wireproof-lwip.new"
mv "$folder/wireproof-lwip.new" "$adapter"
echo "$made_of" >"$folder/made-of"
echo "built $adapter ($origin)"
