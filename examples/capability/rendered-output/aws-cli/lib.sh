# shellcheck shell=bash
# Rendered by Oarlock from fleet shop; do not edit, render again.

# What the scripts share. Each function leaves things alone that are as they should be, so that a run can be repeated.

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

stop() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

say() {
  printf '%s\n' "$*" >&2
}

# require COMMAND...: stops before anything is changed when a tool is missing.
require() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || stop "$tool is not installed"
  done
}

# require_eks: an AWS CLI that knows access entries, and session tags of Pod Identity associations (EKS has these since June
# 2025). It is asked without a request.
require_eks() {
  local skeleton
  skeleton=$(aws eks update-pod-identity-association --generate-cli-skeleton 2>/dev/null) || true
  [[ $skeleton == *disableSessionTags* ]] ||
    stop "$(aws --version 2>&1) doesn't know disableSessionTags of Pod Identity: take an AWS CLI of June 2025 or newer"
}

# use_account ID: chooses the credentials for an account and checks that they are its own.
# OARLOCK_PROFILE_<id> names a profile of the AWS CLI; without it the environment's credentials are used.
use_account() {
  local account=$1 profile found
  profile=OARLOCK_PROFILE_$account
  if [[ -n ${!profile:-} ]]; then
    export AWS_PROFILE=${!profile}
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  fi
  export AWS_PAGER=''
  found=$(aws sts get-caller-identity --query Account --output text)
  [[ $found == "$account" ]] || stop "the credentials are for account $found, not $account: set $profile"
}

# lookup ABSENT COMMAND...: runs a command and keeps its output in $FOUND. Returns 1 when AWS answers with the error code
# ABSENT; any other error stops the script, since "not allowed to look" is not "not there".
lookup() {
  local absent=$1
  shift
  if FOUND=$("$@" 2>"$errors"); then
    return 0
  fi
  FOUND=''
  grep -qF "($absent)" "$errors" && return 1
  cat "$errors" >&2
  exit 1
}

# patiently WORDS COMMAND...: runs a command again, for at most two minutes, while AWS refuses it with these words:
# IAM tells its other endpoints, and EKS, about a new role only after a while.
patiently() {
  local words=$1 attempt
  shift
  for attempt in {1..24}; do
    if "$@" >/dev/null 2>"$errors"; then
      return 0
    fi
    if ! grep -qiF "$words" "$errors" || [[ $attempt == 24 ]]; then
      cat "$errors" >&2
      exit 1
    fi
    say "  not known everywhere yet, trying again in 5 seconds"
    sleep 5
  done
}

# ensure_role NAME PATH DESCRIPTION TRUST_FILE TAGS_FILE
ensure_role() {
  local name=$1 path=$2 description=$3 trust=$4 tags=$5
  say "role $path$name"
  if lookup NoSuchEntity aws iam get-role --role-name "$name" --query Role.Path --output text; then
    [[ $FOUND == "$path" ]] || stop "role $name exists, but under the path $FOUND: names are unique in an account"
    patiently 'invalid principal' aws iam update-assume-role-policy --role-name "$name" --policy-document "file://$trust"
    aws iam update-role --role-name "$name" --description "$description" >/dev/null
    aws iam tag-role --role-name "$name" --tags "file://$tags"
  else
    patiently 'invalid principal' aws iam create-role --role-name "$name" --path "$path" --description "$description" \
      --assume-role-policy-document "file://$trust" --tags "file://$tags"
    aws iam wait role-exists --role-name "$name"
  fi
}

# ensure_inline_policy ROLE NAME FILE
ensure_inline_policy() {
  local role=$1 name=$2 file=$3
  say "  inline policy $name"
  aws iam put-role-policy --role-name "$role" --policy-name "$name" --policy-document "file://$file"
}

# ensure_managed_policy ROLE ARN PATH NAME FILE TAGS_FILE: makes the policy, or a new version of it when it reads
# differently, and attaches it.
ensure_managed_policy() {
  local role=$1 arn=$2 path=$3 name=$4 file=$5 tags=$6 version
  say "  managed policy $name"
  if lookup NoSuchEntity aws iam get-policy --policy-arn "$arn" --query Policy.DefaultVersionId --output text; then
    version=$FOUND
    lookup NoSuchEntity aws iam get-policy-version --policy-arn "$arn" --version-id "$version" \
      --query PolicyVersion.Document --output json || stop "policy $arn has lost its version $version"
    if [[ $(jq -S . <<<"$FOUND") != "$(jq -S . "$file")" ]]; then
      make_room_for_version "$arn"
      aws iam create-policy-version --policy-arn "$arn" --policy-document "file://$file" --set-as-default >/dev/null
    fi
    aws iam tag-policy --policy-arn "$arn" --tags "file://$tags"
  else
    aws iam create-policy --policy-name "$name" --path "$path" --policy-document "file://$file" \
      --tags "file://$tags" >/dev/null
    aws iam wait policy-exists --policy-arn "$arn"
  fi
  aws iam attach-role-policy --role-name "$role" --policy-arn "$arn"
}

# make_room_for_version ARN: a policy has at most five versions; the oldest that is not in use goes.
make_room_for_version() {
  local arn=$1 oldest
  [[ $(aws iam list-policy-versions --policy-arn "$arn" --query 'length(Versions)' --output text) -ge 5 ]] || return 0
  oldest=$(aws iam list-policy-versions --policy-arn "$arn" \
    --query 'sort_by(Versions[?!IsDefaultVersion], &CreateDate)[0].VersionId' --output text)
  aws iam delete-policy-version --policy-arn "$arn" --version-id "$oldest"
}

# ensure_oidc_provider ARN URL TAGS_FILE AUDIENCE...: one that is there belongs to whoever made it, since everything in
# the cluster that uses IRSA shares it. It only learns an audience.
ensure_oidc_provider() {
  local arn=$1 url=$2 tags=$3 audience
  shift 3
  say "OIDC provider $url"
  if lookup NoSuchEntity aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$arn" \
    --query ClientIDList --output text; then
    for audience in "$@"; do
      [[ " ${FOUND//$'\t'/ } " != *" $audience "* ]] || continue
      aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$arn" --client-id "$audience"
    done
  else
    aws iam create-open-id-connect-provider --url "$url" --client-id-list "$@" --tags "file://$tags" >/dev/null
  fi
}

# ensure_access_entry REGION CLUSTER PRINCIPAL GROUPS_JSON TAGS_FILE
ensure_access_entry() {
  local region=$1 cluster=$2 principal=$3 groups=$4 tags=$5 type arn
  say "access entry of $principal"
  if lookup ResourceNotFoundException aws eks describe-access-entry --region "$region" --cluster-name "$cluster" \
    --principal-arn "$principal" --query 'accessEntry.[type,accessEntryArn]' --output text; then
    read -r type arn <<<"$FOUND"
    [[ $type == STANDARD ]] || stop "the access entry of $principal on $cluster is of type $type, not STANDARD"
    aws eks update-access-entry --region "$region" --cluster-name "$cluster" --principal-arn "$principal" \
      --kubernetes-groups "$groups" >/dev/null
    tell_access_policies "$region" "$cluster" "$principal"
    aws eks tag-resource --region "$region" --resource-arn "$arn" --tags "file://$tags"
  else
    patiently 'principalArn' aws eks create-access-entry --region "$region" --cluster-name "$cluster" \
      --principal-arn "$principal" --type STANDARD --kubernetes-groups "$groups" --tags "file://$tags"
  fi
}

# tell_access_policies REGION CLUSTER PRINCIPAL: they give more than the plan, and stay until the groups have what they
# need: then they can go, but for those that EKS gives an Argo CD capability's own role, which it can't do without.
tell_access_policies() {
  local policy
  for policy in $(aws eks list-associated-access-policies --region "$1" --cluster-name "$2" --principal-arn "$3" \
    --query 'associatedAccessPolicies[].policyArn' --output text); do
    [[ $policy != None && $policy != */AmazonEKSArgoCDClusterPolicy && $policy != */AmazonEKSArgoCDPolicy ]] || continue
    say "  it still has $policy; when all is applied: aws eks disassociate-access-policy --region $1 --cluster-name $2 --principal-arn $3 --policy-arn $policy"
  done
}

# ensure_pod_identity REGION CLUSTER NAMESPACE SERVICE_ACCOUNT ROLE TAGS_FILE: with session tags, which the roles' trust
# policies may ask for. A target role or a policy of the association's own makes the pods somebody else: a reason to stop.
ensure_pod_identity() {
  local region=$1 cluster=$2 namespace=$3 account=$4 role=$5 tags=$6 found id arn
  say "Pod Identity association of $namespace/$account"
  found=$(aws eks list-pod-identity-associations --region "$region" --cluster-name "$cluster" \
    --namespace "$namespace" --service-account "$account" \
    --query 'associations[].[associationId,associationArn]' --output text)
  if [[ -n $found ]]; then
    read -r id arn <<<"$found"
    found=$(aws eks describe-pod-identity-association --region "$region" --cluster-name "$cluster" --association-id "$id" \
      --query 'association.[targetRoleArn,policy][?@]' --output text)
    [[ -z $found ]] || stop "the association $id has a target role or a policy of its own ($found): delete it, then run this again"
    aws eks update-pod-identity-association --region "$region" --cluster-name "$cluster" --association-id "$id" \
      --role-arn "$role" --no-disable-session-tags >/dev/null
    aws eks tag-resource --region "$region" --resource-arn "$arn" --tags "file://$tags"
  else
    patiently InvalidParameterException aws eks create-pod-identity-association --region "$region" --cluster-name "$cluster" \
      --namespace "$namespace" --service-account "$account" --role-arn "$role" --tags "file://$tags"
  fi
}

# apply CONTEXT FILE: server-side, so that fields of other owners stay. A conflict stops the run and names the owner;
# OARLOCK_FORCE_CONFLICTS=1 takes such fields over.
apply() {
  say "${2##*/}"
  kubectl --context "$1" apply --server-side --field-manager=oarlock ${OARLOCK_FORCE_CONFLICTS:+--force-conflicts} -f "$2"
}

# apply_unless_helm CONTEXT FILE: where OARLOCK_ARGO_CD_BY_HELM=1, settings that Argo CD's chart makes are only checked.
apply_unless_helm() {
  if [[ ${OARLOCK_ARGO_CD_BY_HELM:-} != 1 ]]; then
    apply "$1" "$2"
    return 0
  fi
  say "by Helm: ${2##*/}"
  kubectl --context "$1" diff --server-side --field-manager=oarlock -f "$2" >&2 ||
    stop "give the chart argo-cd-values.yaml (helm upgrade), then run this script again"
}

# restart CONTEXT NAMESPACE WORKLOAD: set OARLOCK_SKIP_RESTART=1 when nothing changed that the workload reads at its start.
restart() {
  if [[ ${OARLOCK_SKIP_RESTART:-} == 1 ]]; then
    say "left running: $3"
    return 0
  fi
  kubectl --context "$1" --namespace "$2" rollout restart "$3"
  kubectl --context "$1" --namespace "$2" rollout status "$3" --timeout=10m
}
