#!/bin/sh
# Builds the Linux that `wireproof run --device linux-virtual` tests: a kernel that runs as an ordinary process (User Mode
# Linux) and whose time jumps. Once; it is kept in the user's cache.
#
#   build.sh                  from Debian's package linux-source-6.12
#   build.sh --source DIR     from an unpacked kernel of 6.5 or later, which is left as it is
#
#   --suite NAME    the release of Debian whose package is taken                                   (default: trixie)
#   --output DIR    where the kernel goes                      (default: $WIREPROOF_DEVICES, else the user's cache)
#   --jobs N        how many compilers run at once                                        (default: the processors)
#   --force         again, even if it is built
#
# Wants gcc, make, flex, bison, bc, and 3 GB on the disk until it is done; for Debian's package also apt-get, dpkg-deb, xz,
# Debian's keys (package debian-archive-keyring) and the network (150 MB). Needs no root. x86-64 alone.
set -eu

suite=trixie
package=linux-source-6.12
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wireproof
output=${WIREPROOF_DEVICES:-$cache/devices}
source=
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
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
    --source | --suite | --output | --jobs)
        [ $# -ge 2 ] || fail "$1 wants an argument"
        case $1 in
        --source) source=$2 ;;
        --suite) suite=$2 ;;
        --output) output=$2 ;;
        --jobs) jobs=$2 ;;
        esac
        shift
        ;;
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
folder=$output/linux-virtual
kernel=$folder/linux
steady=$folder/steady.so
[ "$(uname -m)" = x86_64 ] || fail "User Mode Linux runs on x86-64, this is $(uname -m)"
[ -z "$source" ] || { [ -d "$source/arch/um" ] && source=$(cd "$source" && pwd); } || fail "no kernel in $source"

# The number is that of this recipe: another one, another kernel.
made_of=$({ echo 2 "$suite" "$source"; cat "$here/kernel.config"; } | cksum)
is_built() {
    [ -z "$force" ] && [ -x "$kernel" ] && [ "$(cat "$folder/made-of" 2>/dev/null)" = "$made_of" ]
}
# What goes before its C library is made in a moment.
is_steady() {
    [ -z "$force" ] && [ -e "$steady" ] && cmp -s "$here/steady.c" "$folder/steady.c"
}
if is_built && is_steady; then
    echo "$kernel is up to date ($(cat "$folder/origin"))"
    exit 0
fi
missing=
for tool in gcc make flex bison bc; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || fail "missing:$missing; install them and run this again"

mkdir -p "$folder" "$cache"
work=$(mktemp -d "$cache/linux-virtual.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Runs something that is only worth reading when it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || {
        tail -40 "$work/log" >&2
        fail "failed: $*"
    }
}

# Boots a kernel with check.c as its first program: what that says.
boot() {
    mkdir "$work/machine"
    (
        cd "$work/machine" && ln -s "$work/check" init && ln -s "$2" steady.so
        env -i LD_PRELOAD=./steady.so WIREPROOF_SEED=1 timeout 60 "$1" mem=64M rootfstype=hostfs rootflags=/ rw \
            init=/proc/self/cwd/init uml_dir=. umid=machine time-travel=inf-cpu \
            time-travel-start=1700000000000000000 con0=null,fd:1 con=null ssl=null quiet -- "$work/answer" \
            </dev/null >"$work/log" 2>&1
    ) || true
    rm -rf "$work/machine"
    cat "$work/answer" 2>/dev/null || echo "no answer"
    rm -f "$work/answer"
}

# Boots it twice: it has to work, and to be the same machine both times.
check() {
    echo "booting it"
    quietly gcc -O1 -o "$work/check" "$here/check.c"
    quietly gcc -std=c99 -O2 -shared -fPIC -o "$work/steady.so" "$here/steady.c"
    answer=$(boot "$1" "$work/steady.so")
    case $answer in
    good*) ;;
    *)
        tail -40 "$work/log" >&2
        fail "the kernel was built, but does not work here: $answer"
        ;;
    esac
    [ "$(boot "$1" "$work/steady.so")" = "$answer" ] ||
        echo "build.sh: two guests with one seed differ: this machine does not let addresses be fixed (personality)" >&2
    mv "$work/steady.so" "$steady"
    cp "$here/steady.c" "$folder/steady.c"
    answer=${answer#good }
    answer=${answer% *}
}

if is_built; then
    check "$kernel"
    echo "$kernel is up to date ($(cat "$folder/origin"))"
    exit 0
fi

from_debian() {
    for tool in apt-get dpkg-deb xz; do
        command -v "$tool" >/dev/null || fail "no $tool: unpack a kernel yourself and name its folder with --source"
    done
    [ -e "$keys" ] || fail "no $keys; install debian-archive-keyring"
    mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/package"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$mirror" "$suite" "$keys" \
        >"$work/wireproof.sources"
    cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/wireproof.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Architecture "amd64";
APT::Architectures "amd64";
APT::Sandbox::User "root";
CONF
    echo "fetching $package from $mirror ($suite)"
    APT_CONFIG=$work/apt.conf
    export APT_CONFIG
    quietly apt-get -q update
    cd "$work/package"
    quietly apt-get -q download "$package"
    unset APT_CONFIG
    origin="Debian $suite, $(basename ./*.deb .deb)"
    echo "unpacking"
    quietly dpkg-deb -x ./*.deb .
    rm ./*.deb
    quietly tar -xJf "usr/src/$package.tar.xz"
    rm -r usr
    source=$work/package/$package
    # The kernel's own clock ticks 100 times a second and asks nobody: timers would be rounded to 10 ms, where
    # distributions' kernels round to 4 or 1.
    sed -i 's/default 100$/default 1000/' "$source/arch/um/Kconfig"
    cd "$here"
}

origin="$source"
[ -n "$source" ] || from_debian

# Beside the source, in a folder of its own.
build="$work/build"
mkdir "$build"
echo "configuring"
quietly env KCONFIG_ALLCONFIG="$here/kernel.config" make -C "$source" ARCH=um O="$build" allnoconfig
refused=$(grep '^CONFIG_' "$here/kernel.config" | grep -vxF -f "$build/.config" || true)
[ -z "$refused" ] || fail "this kernel does not take:
$refused"
echo "building ($jobs at once; some minutes)"
quietly make -C "$source" ARCH=um O="$build" -j"$jobs" linux
strip -o "$folder/linux.new" "$build/linux"

check "$folder/linux.new"
mv "$folder/linux.new" "$kernel"
echo "$origin" >"$folder/origin"
echo "$made_of" >"$folder/made-of"
echo "built $kernel: $answer ($origin)"
