#!/usr/bin/env bash
# Rendered by Oarlock from fleet shop; do not edit, render again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=lib.sh disable=SC1091
. ./lib.sh
require aws jq
use_account 123456789012

# the EKS capability for Argo CD on platform acts as it on every cluster
ensure_role \
  ArgoCDCapabilityRole \
  / \
  'EKS capability for Argo CD on platform' \
  accounts/123456789012/ArgoCDCapabilityRole/trust.json \
  accounts/123456789012/ArgoCDCapabilityRole/tags.json
ensure_inline_policy \
  ArgoCDCapabilityRole \
  repository-access \
  accounts/123456789012/ArgoCDCapabilityRole/inline-repository-access.json
