#!/bin/sh
# Puts k3s on this host and waits until its API answers. Runs as root in the folder it was uploaded
# to, beside `authorities` (lines of "<file> <base64>") and `config.yaml`. Safe to run again.
# Takes K3S_VERSION, INSTALLER_URL, INSTALLER_SHA256, and RELEASES (a mirror, or empty).
set -eu
cd "$(dirname "$0")"

say() { echo "eaas: $*"; }
die() {
  echo "eaas: $*" >&2
  exit 1
}
show_log() { journalctl -u k3s --no-pager -n 20 >&2 || true; }

trap 'rm -f authorities wanted' EXIT
trap 'exit 1' HUP INT
trap 'show_log; die "the time limit is over; the last lines of the log of k3s are above"' TERM

# where the installer puts k3s; the secure_path of some sudoers leaves both out
PATH=$PATH:/usr/local/bin:/opt/bin
[ "$(id -u)" = 0 ] || die "root rights are needed: cluster.ssh.user must be root or have sudo"
for tool in curl sha256sum base64 flock systemctl; do
  command -v "$tool" >/dev/null || die "$tool is missing on the host; EaaS needs a Linux with systemd and curl"
done

# A deploy that is killed leaves the script of its time running here.
exec 9>/run/eaas-setup.lock
flock -w 300 9 || die "another installation is running on this host; deploy again when it is over"

# The installer is fetched and checked before anything on the host changes.
curl -fsSL --retry 3 --max-time 120 -o install.sh "$INSTALLER_URL" ||
  die "the installer cannot be downloaded from $INSTALLER_URL (cluster.installer.url)"
got=$(sha256sum install.sh | cut -d ' ' -f 1)
[ "$got" = "$INSTALLER_SHA256" ] ||
  die "the installer at $INSTALLER_URL has the checksum $got, but cluster.installer.sha256 is $INSTALLER_SHA256; nothing was changed"

# Authorities that differ mean another cluster: k3s would refuse to start, or lose its data.
tls=/var/lib/rancher/k3s/server/tls
while read -r name data; do
  printf %s "$data" | base64 -d >wanted
  if [ -e "$tls/$name" ] && [ "$(sha256sum <wanted)" != "$(sha256sum <"$tls/$name")" ]; then
    die "this host has a cluster that is not in this state ($tls/$name differs). Bring back its state, or give the host up with k3s-uninstall.sh, which deletes all volumes"
  fi
done <authorities

umask 022
mkdir -p /etc/rancher/k3s /var/lib/rancher/k3s
umask 077
mkdir -p "$tls/etcd"
while read -r name data; do
  # a write that is cut off must not leave half a key behind
  printf %s "$data" | base64 -d >"$tls/$name.new"
  mv "$tls/$name.new" "$tls/$name"
done <authorities
rm -f authorities wanted
install -m 600 config.yaml /etc/rancher/k3s/config.yaml

say "installing k3s $K3S_VERSION"
umask 022
# The installer does not look at config.yaml: without the force it would not restart k3s for it.
if ! INSTALL_K3S_VERSION="$K3S_VERSION" INSTALL_K3S_FORCE_RESTART=true GITHUB_URL="$RELEASES" sh install.sh; then
  show_log
  die "the k3s installer failed; its messages are above"
fi

ready() {
  k3s kubectl get --raw /readyz >/dev/null 2>&1 &&
    k3s kubectl wait --for=condition=Ready node --all --timeout=5s >/dev/null 2>&1
}
deadline=$(($(date +%s) + 180))
until ready; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    show_log
    die "k3s was started, but its API or node is not ready after three minutes"
  fi
  sleep 2
done
say "$(k3s --version | head -n 1) is ready"
