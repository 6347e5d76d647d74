#!/bin/sh
# Builds BusyBox as the pods have it, and lays it out in a folder as an image does, for record.mjs and the tests that compare live:
#
#   sh scripts/busybox/build.sh SOURCE ROOT
#   NETPOL_LAB_BUSYBOX_ROOT=ROOT node scripts/busybox/record.mjs
#
# SOURCE: BusyBox 1.37.0, unpacked (Debian 13: `apt-get source busybox`). ROOT: a folder that is made. Needs Linux on x86-64, root, make and
# musl-gcc (Debian: musl-tools, linux-libc-dev).
set -eu
source=$(cd "$1" && pwd)
mkdir -p "$2"
root=$(cd "$2" && pwd)

cd "$source"
make defconfig > /dev/null
set_to() { sed -i -e "s!^# $1 is not set\$!$1=$2!" -e "s!^$1=.*\$!$1=$2!" .config; }
unset_all() { for name; do sed -i "s!^$name=.*\$!# $name is not set!" .config; done; }
# As the builder of the official busybox image has it for musl, and the operating system's name as Alpine's.
set_to CONFIG_STATIC y
set_to CONFIG_LAST_SUPPORTED_WCHAR 0
set_to CONFIG_UNAME_OSNAME '"Linux"'
unset_all CONFIG_FEATURE_SYNC_FANCY CONFIG_FEATURE_HAVE_RPC CONFIG_FEATURE_INETD_RPC CONFIG_FEATURE_UTMP CONFIG_FEATURE_WTMP
# Linux' headers have lost what it needs.
unset_all CONFIG_TC
yes '' | make oldconfig > /dev/null

headers=$(mktemp -d)
for name in linux asm-generic mtd; do ln -s "/usr/include/$name" "$headers/$name"; done
ln -s /usr/include/x86_64-linux-gnu/asm "$headers/asm"
make CC=musl-gcc EXTRA_CFLAGS="-idirafter $headers" busybox
rm -r "$headers"

for folder in bin sbin usr/bin usr/sbin dev proc etc tmp root var; do mkdir -p "$root/$folder"; done
chmod 700 "$root/root"
cp busybox "$root/bin/busybox"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  name=${device%%:*}
  numbers=${device#*:}
  [ -e "$root/dev/$name" ] || mknod -m 666 "$root/dev/$name" c "${numbers%:*}" "${numbers#*:}"
done
for pair in stdin:0 stdout:1 stderr:2; do ln -sfn "/proc/self/fd/${pair#*:}" "$root/dev/${pair%:*}"; done
ln -sfn /proc/self/fd "$root/dev/fd"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:root\nnobody:x:65534:\n' > "$root/etc/group"
echo test > "$root/etc/hostname"
chroot "$root" /bin/busybox --install -s
