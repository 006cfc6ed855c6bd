# Asks from inside of a pod. `questions` has one a line: context, user to impersonate, expected, words, review.
set -u
echo "# sts get-caller-identity"
aws sts get-caller-identity --query Arn --output text
for context in $(cat /oarlock/contexts); do
  echo "# $context: auth whoami"
  kubectl --kubeconfig /oarlock/kubeconfig --context "$context" auth whoami
done
status=0
echo "# expected, answered: question"
while IFS='|' read -r context as expected words review; do
  set -- --kubeconfig /oarlock/kubeconfig --context "$context"
  if [ "$as" != - ]; then set -- "$@" --as "$as"; fi
  allowed=$(printf '%s' "$review" | kubectl "$@" create -f - -o 'jsonpath={.status.allowed}') || allowed=unknown
  case "$allowed" in true) answered=yes ;; false) answered=no ;; *) answered=unknown ;; esac
  if [ "$answered" != yes ] || [ "$expected" = no ]; then status=1; fi
  echo "$expected, $answered: $context: $words"
done < /oarlock/questions
exit $status
