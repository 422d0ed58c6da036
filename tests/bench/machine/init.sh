#!/bin/bash
# PID 1 of a throw-away host, started in namespaces of its own (mount, pid, uts, ipc).
# It turns an overlay of / whose changes live in memory into the host's root, says
# "ready <pid on the machine>" and then waits for its input to end. The one who started
# the host holds the other end: when that process goes, however it goes, so does all of this.
#
#   HOST_NAME  host name
#   HOST_ROOT  empty folder to build the root under
#   HOST_SEED  folder copied over the root
#   HOST_BINDS lines "<folder of the machine> <folder of the host>", mounted read-only
set -euo pipefail

read -r pid _ </proc/self/stat # /proc is still the machine's: this is our pid out there

memory=$HOST_ROOT
mount -t tmpfs -o mode=755 tmpfs "$memory"
mkdir "$memory/upper" "$memory/work" "$memory/root"
root=$memory/root
mount -t overlay -o "lowerdir=/,upperdir=$memory/upper,workdir=$memory/work" overlay "$root"

# A server that was just ordered: nobody's files, and no k3s, whatever this machine has.
rm -rf "$root/etc/rancher" "$root/var/lib/rancher" "$root"/etc/systemd/system/k3s*
rm -rf "$root"/usr/local/bin/{k3s*,kubectl,crictl,ctr,systemctl,journalctl}
rm -f "$root"/usr/bin/{kubectl,crictl,ctr}
for folder in root home tmp run; do
  mkdir -p "$root/$folder"
  mount -t tmpfs -o mode=755 tmpfs "$root/$folder"
done
chmod 711 "$root/root" # an interpreter may be mounted below it
chmod 1777 "$root/tmp"
mkdir "$root/run/sshd" "$root/home/deploy"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
while read -r from to; do
  [ -n "$from" ] || continue
  mkdir -p "$root$to"
  mount --bind "$from" "$root$to"
  mount -o remount,bind,ro "$root$to"
done <<<"$HOST_BINDS"

# Ours win over a supervisor the machine may have.
cp -a --no-preserve=ownership "$HOST_SEED/." "$root/"
for tool in systemctl journalctl; do
  for place in "$root/bin" "$root/usr/bin"; do
    [ ! -e "$place/$tool" ] || ln -sf "/usr/local/bin/$tool" "$place/$tool"
  done
done

hostname "$HOST_NAME"
echo "127.0.0.1 $HOST_NAME" >>"$root/etc/hosts" # sudo looks its own host up
# '!' would count as a locked account, which sshd refuses even with a key.
sed -i 's/^root:[^:]*:/root:*:/' "$root/etc/shadow"
echo 'deploy:x:1777:1777::/home/deploy:/bin/sh' >>"$root/etc/passwd"
echo 'deploy:x:1777:' >>"$root/etc/group"
echo 'deploy:*:19000:0:99999:7:::' >>"$root/etc/shadow"
chown 1777:1777 "$root/home/deploy"
mkdir -p "$root/etc/sudoers.d"
echo 'deploy ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/deploy"
chmod 440 "$root/etc/sudoers.d/deploy"

mkdir "$root/old"
cd "$root"
pivot_root . old
umount --lazy /old
rmdir /old
cd /

echo "ready $pid"
while read -r _; do :; done
