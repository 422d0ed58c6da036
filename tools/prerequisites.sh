#!/bin/sh
# Says in one line each what is missing on this machine. Installs nothing.
set -u
failed=0
miss() {
  echo "missing: $*" >&2
  failed=1
}

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  miss "Python 3.11 or later ($python is $("$python" --version 2>/dev/null || echo absent)); name another by PYTHON=..."
elif ! "$python" -c 'import ensurepip' 2>/dev/null; then
  miss "Python's venv module (Debian: apt-get install python3-venv)"
fi


case $(node --version 2>/dev/null) in
v20.* | v22.*) ;;
'') miss "Node.js 22 (or 20): node is not on PATH" ;;
*) miss "Node.js 22 (or 20): node is $(node --version), and cdktf-cli 0.21 does not work with it" ;;
esac
command -v npm >/dev/null || miss "npm, which comes with Node.js"

# 1.11.2 or later
case $(terraform version 2>/dev/null | head -n 1) in
'Terraform v1.11.'[01] | 'Terraform v1.11.'[01]-* | 'Terraform v1.'[0-9].* | 'Terraform v1.10.'* | 'Terraform v0.'*)
  miss "Terraform 1.11.2 or later: terraform is $(terraform version | head -n 1 | cut -d ' ' -f 2)" ;;
'Terraform v'*) ;;
*) miss "Terraform 1.11.2 or later: terraform is not on PATH (https://developer.hashicorp.com/terraform/install)" ;;
esac
exit $failed
