package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	authorization "k8s.io/api/authorization/v1"
	rbac "k8s.io/api/rbac/v1"
)

// policy is the rules of an access policy. One whose rules AWS doesn't publish has none here, and allows nothing.
type policy []rbac.PolicyRule

// readPolicies reads the published policies, by name.
func readPolicies(file string) (map[string]policy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var published struct {
		Policies []struct {
			Name  string
			Rules policy
		}
	}
	if err := json.Unmarshal(text, &published); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	policies := map[string]policy{}
	for _, policy := range published.Policies {
		policies[policy.Name] = policy.Rules
	}
	return policies, nil
}

func (p policy) allows(spec authorization.SubjectAccessReviewSpec) bool {
	return slices.ContainsFunc(p, func(rule rbac.PolicyRule) bool {
		if path := spec.NonResourceAttributes; path != nil {
			return matches(rule.Verbs, path.Verb) && slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool {
				prefix, isPrefix := strings.CutSuffix(url, "*")
				return url == path.Path || isPrefix && strings.HasPrefix(path.Path, prefix)
			})
		}
		asked := spec.ResourceAttributes
		resource := asked.Resource
		if asked.Subresource != "" {
			resource += "/" + asked.Subresource
		}
		return matches(rule.Verbs, asked.Verb) && matches(rule.APIGroups, asked.Group) && matches(rule.Resources, resource)
	})
}

// matches says whether a rule's list has a word. No published policy has resource names, or resources as `*/scale`.
func matches(list []string, word string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, word)
}
