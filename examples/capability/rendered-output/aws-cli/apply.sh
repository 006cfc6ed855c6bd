#!/usr/bin/env bash
# Rendered by Oarlock from fleet shop; do not edit, render again.
# Everything, in order. Each script may be run alone and again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

./accounts/123456789012/iam.sh
./clusters/platform/eks.sh
./clusters/orders/eks.sh
./clusters/orders/kubernetes.sh
./clusters/platform/kubernetes.sh
