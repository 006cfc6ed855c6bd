#!/usr/bin/env bash
# Rendered by Oarlock from fleet shop; do not edit, render again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=lib.sh disable=SC1091
. ./lib.sh
require aws
require_eks
use_account 444455556666

# ArgoCDCapabilityRole is group oarlock:argocd on orders
ensure_access_entry \
  eu-central-1 \
  orders \
  arn:aws:iam::123456789012:role/ArgoCDCapabilityRole \
  '["oarlock:argocd"]' \
  clusters/orders/access-entry-7a43669f-tags.json
