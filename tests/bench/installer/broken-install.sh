#!/bin/sh
# An installer that fails as the real one does when its download does not work.
mkdir -p /var/log
echo "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ) broken" >>/var/log/k3s-installer-runs.log
echo '[INFO]  Using a release that is not there'
echo '[ERROR]  Download failed' >&2
exit 1
