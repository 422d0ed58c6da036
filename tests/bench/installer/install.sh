#!/bin/sh
# Stand-in for k3s's installer, written after its documented behaviour: the same environment
# variables, files, order of steps, restart rule, messages (and the stream they go to) and exit
# codes. Each run leaves a line in /var/log/k3s-installer-runs.log.
#
# Honoured: INSTALL_K3S_{VERSION,EXEC,NAME,TYPE,BIN_DIR,SYSTEMD_DIR,SYMLINK,SKIP_DOWNLOAD,
# SKIP_ENABLE,SKIP_START,FORCE_RESTART}, GITHUB_URL, K3S_*, CONTAINERD_*, *_PROXY, arguments.
# Not modelled: channels, agents, SELinux, openrc, iptables.
set -e
set -o noglob

info() { echo '[INFO] ' "$@"; }
fatal() {
    echo '[ERROR] ' "$@" >&2
    exit 1
}

verify_system() {
    type systemctl >/dev/null 2>&1 ||
        fatal 'Can not find systemd or openrc to use as a process supervisor for k3s'
}

setup_env() {
    case ${K3S_URL:-https://} in
    https://*) ;;
    *) fatal "Only https:// URLs are supported for K3S_URL (have $K3S_URL)" ;;
    esac
    CMD_K3S_EXEC="${INSTALL_K3S_EXEC:-} $*"
    CMD_K3S_EXEC=$(echo "$CMD_K3S_EXEC" | sed 's/^ *//; s/ *$//')
    case $CMD_K3S_EXEC in
    '' | -*) CMD_K3S_EXEC="server $CMD_K3S_EXEC" ;;
    esac
    SYSTEM_NAME=k3s${INSTALL_K3S_NAME:+-$INSTALL_K3S_NAME}
    BIN_DIR=${INSTALL_K3S_BIN_DIR:-/usr/local/bin}
    SYSTEMD_DIR=${INSTALL_K3S_SYSTEMD_DIR:-/etc/systemd/system}
    SERVICE_K3S=$SYSTEM_NAME.service
    FILE_K3S_SERVICE=$SYSTEMD_DIR/$SERVICE_K3S
    FILE_K3S_ENV=$FILE_K3S_SERVICE.env
    UNINSTALL_K3S_SH=$BIN_DIR/$SYSTEM_NAME-uninstall.sh
    SUDO=sudo
    [ "$(id -u)" -ne 0 ] || SUDO=
    PRE_INSTALL_HASHES=$(get_installed_hashes)
}

# The binary, the unit and its environment decide about a restart; config.yaml does not.
get_installed_hashes() {
    $SUDO sha256sum "$BIN_DIR/k3s" "$FILE_K3S_SERVICE" "$FILE_K3S_ENV" 2>&1 || true
}

record_run() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ) ${INSTALL_K3S_VERSION:-}" |
        $SUDO tee -a /var/log/k3s-installer-runs.log >/dev/null
}

download() {
    curl -o "$1" -sfL "$2" || fatal 'Download failed'
}

download_and_verify() {
    case ${INSTALL_K3S_SKIP_DOWNLOAD:-} in
    true | binary)
        info 'Skipping k3s download and verify'
        [ -x "$BIN_DIR/k3s" ] || fatal "Executable k3s binary not found at $BIN_DIR/k3s"
        return
        ;;
    esac
    case $(uname -m) in
    x86_64) ARCH=amd64 SUFFIX= ;;
    aarch64) ARCH=arm64 SUFFIX=-arm64 ;;
    *) fatal "Unsupported architecture $(uname -m)" ;;
    esac
    VERSION_K3S=${INSTALL_K3S_VERSION:?the stand-in has no release channels}
    RELEASE_URL=${GITHUB_URL:?the stand-in needs a mirror of the releases}/download/$VERSION_K3S
    HASH_URL=$RELEASE_URL/sha256sum-$ARCH.txt
    BIN_URL=$RELEASE_URL/k3s$SUFFIX
    TMP_DIR=$(mktemp -d -t k3s-install.XXXXXXXXXX)
    trap 'rm -rf "$TMP_DIR"' INT EXIT

    info "Using $VERSION_K3S as release"
    info "Downloading hash $HASH_URL"
    download "$TMP_DIR/k3s.hash" "$HASH_URL"
    HASH_EXPECTED=$(grep " k3s$SUFFIX\$" "$TMP_DIR/k3s.hash" | cut -d' ' -f1)
    if [ "$HASH_EXPECTED" = "$(sha256sum "$BIN_DIR/k3s" 2>/dev/null | cut -d' ' -f1)" ]; then
        info 'Skipping binary downloaded, installed k3s matches hash'
        return
    fi
    info "Downloading binary $BIN_URL"
    download "$TMP_DIR/k3s.bin" "$BIN_URL"
    info 'Verifying binary download'
    HASH_BIN=$(sha256sum "$TMP_DIR/k3s.bin" | cut -d' ' -f1)
    [ "$HASH_EXPECTED" = "$HASH_BIN" ] ||
        fatal "Download sha256 does not match $HASH_EXPECTED, got $HASH_BIN"
    info "Installing k3s to $BIN_DIR/k3s"
    $SUDO install -o root -g root -m 755 "$TMP_DIR/k3s.bin" "$BIN_DIR/k3s"
}

create_symlinks() {
    [ "${INSTALL_K3S_SYMLINK:-}" != skip ] || return 0
    for cmd in kubectl crictl ctr; do
        if [ -e "$BIN_DIR/$cmd" ] && [ "${INSTALL_K3S_SYMLINK:-}" != force ]; then
            info "Skipping $BIN_DIR/$cmd symlink to k3s, already exists"
        elif which=$(command -v "$cmd" 2>/dev/null) && [ "${INSTALL_K3S_SYMLINK:-}" != force ]; then
            info "Skipping $BIN_DIR/$cmd symlink to k3s, command exists in PATH at $which"
        else
            info "Creating $BIN_DIR/$cmd symlink to k3s"
            $SUDO ln -sf k3s "$BIN_DIR/$cmd"
        fi
    done
}

create_uninstall() {
    info "Creating uninstall script $UNINSTALL_K3S_SH"
    $SUDO tee "$UNINSTALL_K3S_SH" >/dev/null <<EOF
#!/bin/sh
set -x
[ \$(id -u) -eq 0 ] || exec sudo --preserve-env=K3S_DATA_DIR \$0 \$@
systemctl stop $SYSTEM_NAME
systemctl disable $SYSTEM_NAME
systemctl reset-failed $SYSTEM_NAME
systemctl daemon-reload
rm -f $FILE_K3S_SERVICE
rm -f $FILE_K3S_ENV
for cmd in kubectl crictl ctr; do
    if [ -L $BIN_DIR/\$cmd ]; then
        rm -f $BIN_DIR/\$cmd
    fi
done
rm -rf /etc/rancher/k3s
rm -rf /run/k3s
rm -rf \${K3S_DATA_DIR:-/var/lib/rancher/k3s}
rm -rf /var/lib/kubelet
rm -f $BIN_DIR/k3s
rm -f $UNINSTALL_K3S_SH
EOF
    $SUDO chmod 755 "$UNINSTALL_K3S_SH"
}

systemd_disable() {
    $SUDO systemctl disable "$SYSTEM_NAME" >/dev/null 2>&1 || true
    $SUDO rm -f "$FILE_K3S_SERVICE" "$FILE_K3S_ENV"
}

# Written anew each time: what an earlier run passed and this one does not is gone.
create_env_file() {
    info "env: Creating environment file $FILE_K3S_ENV"
    $SUDO mkdir -p "$SYSTEMD_DIR"
    $SUDO touch "$FILE_K3S_ENV"
    $SUDO chmod 0600 "$FILE_K3S_ENV"
    sh -c export | while read -r _ variable; do echo "$variable"; done |
        grep -E '^(K3S|CONTAINERD)_' | $SUDO tee "$FILE_K3S_ENV" >/dev/null || true
    sh -c export | while read -r _ variable; do echo "$variable"; done |
        grep -Ei '^(NO|HTTP|HTTPS)_PROXY' | $SUDO tee -a "$FILE_K3S_ENV" >/dev/null || true
}

create_service_file() {
    info "systemd: Creating service file $FILE_K3S_SERVICE"
    $SUDO tee "$FILE_K3S_SERVICE" >/dev/null <<EOF
[Unit]
Description=Lightweight Kubernetes
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=${INSTALL_K3S_TYPE:-notify}
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-$FILE_K3S_ENV
KillMode=process
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStart=$BIN_DIR/k3s $CMD_K3S_EXEC
EOF
}

service_enable_and_start() {
    [ "${INSTALL_K3S_SKIP_ENABLE:-}" != true ] || return 0
    info "systemd: Enabling $SYSTEM_NAME unit"
    $SUDO systemctl enable "$FILE_K3S_SERVICE" >/dev/null
    $SUDO systemctl daemon-reload >/dev/null

    [ "${INSTALL_K3S_SKIP_START:-}" != true ] || return 0
    POST_INSTALL_HASHES=$(get_installed_hashes)
    if [ "$PRE_INSTALL_HASHES" = "$POST_INSTALL_HASHES" ] &&
        [ "${INSTALL_K3S_FORCE_RESTART:-}" != true ]; then
        info 'No change detected so skipping service start'
        return
    fi
    info "systemd: Starting $SYSTEM_NAME"
    $SUDO systemctl restart "$SYSTEM_NAME"
}

verify_system
setup_env "$@"
record_run
download_and_verify
create_symlinks
create_uninstall
systemd_disable
create_env_file
create_service_file
service_enable_and_start
