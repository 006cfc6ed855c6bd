#!/usr/bin/env bash
# Collects an inventory (docs/inventory.md) into ./inventory, reading only:
#
#     collect-inventory.sh HUB_ARN CLUSTER_ARN...
#
# AWS_PROFILE_<account> names the AWS CLI's profile for an account, else the credentials at hand are used. kubectl's contexts
# are the clusters' ARNs, as `aws eks update-kubeconfig` names them; ARGOCD_NAMESPACE is `argocd` unless set. A file that
# can't be read is left out: Oarlock tells it as a gap. Needs an AWS CLI that knows access entries (December 2023), kubectl, jq.
set -uo pipefail

# As the names of files have ARNs.
key() {
  local text=${1//\//%2F}
  printf '%s' "${text//:/%3A}"
}

# keep FILE COMMAND...: what the command prints, whole or not at all.
keep() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  if "$@" >"$file.part"; then
    mv "$file.part" "$file"
  else
    rm -f "$file.part"
  fi
}

# Words of a list that was read; none where it wasn't.
listed() {
  [[ -f $2 ]] && jq -r "$1" "$2"
}

aws_in() {
  local profile=AWS_PROFILE_$account
  if [[ -n ${!profile:-} ]]; then
    AWS_PROFILE=${!profile} aws "$@" --output json
  else
    aws "$@" --output json
  fi
}

if ! aws eks list-access-entries --generate-cli-skeleton >/dev/null 2>&1; then
  printf 'error: %s\n' "$(aws --version 2>&1) doesn't know access entries of EKS: take a newer one" >&2
  exit 1
fi

hub=${1:?name the ARN of the hub, then those of the other clusters}

# The organisation, as far as these credentials may read it; where there is none, the AWS CLI says so by failing.
organization=inventory/organization
if error=$(aws organizations describe-organization --output json 2>&1 >/dev/null); then
  keep "$organization/describe-organization.json" aws organizations describe-organization --output json
  keep "$organization/list-roots.json" aws organizations list-roots --output json
  children=$(for arn in "$@"; do cut -d: -f5 <<<"$arn"; done | sort -u)
  while [[ -n $children ]]; do
    found=
    for child in $children; do
      parents=$organization/list-parents-$child.json
      [[ -f $parents ]] || keep "$parents" aws organizations list-parents --child-id "$child" --output json
      found+=" $(listed '.Parents[] | select(.Type != "ROOT") | .Id' "$parents")"
    done
    children=$(tr ' ' '\n' <<<"$found" | sort -u | xargs)
  done
  for type in SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY; do
    policies=$organization/list-policies-$type.json
    keep "$policies" aws organizations list-policies --filter "$type" --output json
    for policy in $(listed '.Policies[].Id' "$policies"); do
      keep "$organization/describe-policy-$policy.json" aws organizations describe-policy --policy-id "$policy" --output json
      keep "$organization/list-targets-for-policy-$policy.json" aws organizations list-targets-for-policy --policy-id "$policy" --output json
    done
  done
elif [[ $error == *AWSOrganizationsNotInUseException* ]]; then
  keep "$organization/describe-organization.json" echo '{"Organization": null}'
fi

for arn in "$@"; do
  IFS=: read -r _ _ _ region account name <<<"$arn"; name=${name#cluster/}
  iam=inventory/accounts/$account; eks=inventory/clusters/$account/$region/$name/eks; kube=${eks%eks}kubernetes
  on=(--region "$region" --cluster-name "$name")

  if [[ ! -d $iam ]]; then
    keep "$iam/iam-get-account-authorization-details.json" aws_in iam get-account-authorization-details
    keep "$iam/iam-list-users.json" aws_in iam list-users
    keep "$iam/iam-list-open-id-connect-providers.json" aws_in iam list-open-id-connect-providers
    for provider in $(listed '.OpenIDConnectProviderList[].Arn' "$iam/iam-list-open-id-connect-providers.json"); do
      keep "$iam/iam-get-open-id-connect-provider-$(key "$provider").json" aws_in iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider"
    done
  fi

  keep "$eks/describe-cluster.json" aws_in eks describe-cluster --region "$region" --name "$name"
  keep "$eks/list-access-entries.json" aws_in eks list-access-entries "${on[@]}"
  for principal in $(listed '.accessEntries[]' "$eks/list-access-entries.json"); do
    keep "$eks/describe-access-entry-$(key "$principal").json" aws_in eks describe-access-entry "${on[@]}" --principal-arn "$principal"
    keep "$eks/list-associated-access-policies-$(key "$principal").json" aws_in eks list-associated-access-policies "${on[@]}" --principal-arn "$principal"
  done
  [[ $(listed .cluster.accessConfig.authenticationMode "$eks/describe-cluster.json") == CONFIG_MAP ]] ||
    keep "$eks/list-access-policies.json" aws_in eks list-access-policies --region "$region"
  keep "$eks/list-pod-identity-associations.json" aws_in eks list-pod-identity-associations "${on[@]}"
  for id in $(listed '.associations[].associationId' "$eks/list-pod-identity-associations.json"); do
    keep "$eks/describe-pod-identity-association-$id.json" aws_in eks describe-pod-identity-association "${on[@]}" --association-id "$id"
  done

  if [[ $arn == "$hub" ]]; then
    keep "$eks/list-capabilities.json" aws_in eks list-capabilities "${on[@]}"
    for capability in $(listed '.capabilities[].capabilityName' "$eks/list-capabilities.json"); do
      keep "$eks/describe-capability-$capability.json" aws_in eks describe-capability "${on[@]}" --capability-name "$capability"
    done
  fi

  of=clusterrolebindings,clusterroles,configmaps,customresourcedefinitions,namespaces,rolebindings,roles,serviceaccounts
  [[ $arn != "$hub" ]] || of=$of,applications,appprojects
  for resource in ${of//,/ }; do
    keep "$kube/$resource.yaml" kubectl --context "$arn" get "$resource" --all-namespaces -o yaml
  done
  if [[ $arn == "$hub" ]]; then
    in=(--context "$arn" --namespace "${ARGOCD_NAMESPACE:-argocd}")
    keep "$kube/secrets.yaml" kubectl get secrets "${in[@]}" -l 'argocd.argoproj.io/secret-type in (cluster, repository, repo-creds)' -o yaml
    keep "$kube/deployments.yaml" kubectl get deployments "${in[@]}" -o yaml
    keep "$kube/statefulsets.yaml" kubectl get statefulsets "${in[@]}" -o yaml
  fi
  keep "$kube/discovery/v1.json" kubectl --context "$arn" get --raw /api/v1
  for version in $(kubectl --context "$arn" api-versions | grep /); do
    keep "$kube/discovery/${version/\//_}.json" kubectl --context "$arn" get --raw "/apis/$version"
  done
done
