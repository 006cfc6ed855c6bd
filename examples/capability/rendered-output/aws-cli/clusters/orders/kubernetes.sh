#!/usr/bin/env bash
# Rendered by Oarlock from fleet shop; do not edit, render again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=lib.sh disable=SC1091
. ./lib.sh
require kubectl

# As `aws eks update-kubeconfig` names the context; set OARLOCK_CONTEXT_orders where yours has another name.
context=${OARLOCK_CONTEXT_orders:-arn:aws:eks:eu-central-1:444455556666:cluster/orders}

apply "$context" clusters/orders/kubernetes/01-namespace.yaml

apply "$context" clusters/orders/kubernetes/02-cluster-role.yaml

apply "$context" clusters/orders/kubernetes/03-cluster-role-binding.yaml

apply "$context" clusters/orders/kubernetes/04-role.yaml

apply "$context" clusters/orders/kubernetes/05-role-binding.yaml
