#!/usr/bin/env bash
# Rendered by Oarlock from fleet shop; do not edit, render again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=lib.sh disable=SC1091
. ./lib.sh
require kubectl

# As `aws eks update-kubeconfig` names the context; set OARLOCK_CONTEXT_platform where yours has another name.
context=${OARLOCK_CONTEXT_platform:-arn:aws:eks:eu-central-1:123456789012:cluster/platform}

apply "$context" clusters/platform/kubernetes/01-app-project.yaml

apply "$context" clusters/platform/kubernetes/02-namespace.yaml

apply "$context" clusters/platform/kubernetes/03-cluster-role.yaml

apply "$context" clusters/platform/kubernetes/04-cluster-role-binding.yaml

apply "$context" clusters/platform/kubernetes/05-role.yaml

apply "$context" clusters/platform/kubernetes/06-role-binding.yaml

apply "$context" clusters/platform/kubernetes/07-secret.yaml
