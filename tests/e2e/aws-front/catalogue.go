package main

import (
	"encoding/json"
	"io"
	"slices"
)

// rule is one thing in which the front differs from the server. Exactly one of the functions is set.
type rule struct {
	service string
	actions []string
	// what is done here, in words, and where AWS says so.
	what, source string
	// refuse gives the error that AWS would give.
	refuse func(*front, *call) error
	// answer takes the place of the server's; neither reply nor error leaves the call to the server.
	answer func(*front, *call) (*reply, error)
	// complete puts into the server's answer what AWS has in it.
	complete func(*front, *call, *reply) error
	// reword puts into the server's refusal what AWS has in it.
	reword func(*front, *call, *reply) error
}

// everything stands for all services, and for all actions.
const everything = "*"

// catalogue is all that is emulated or strengthened here, and so not proven by the server.
var catalogue = slices.Concat(
	clockRules, assumeRoleRules, webIdentityRules, trustPolicyRules, managedPolicyRules, oidcProviderRules,
	organizationRules, clusterRules, accessEntryRules, accessPolicyRules, podIdentityRules, capabilityRules, tagRules,
)

func rulesFor(call *call) []rule {
	var rules []rule
	for _, rule := range catalogue {
		if rule.service == everything || rule.service == call.service && slices.Contains(rule.actions, call.action) {
			rules = append(rules, rule)
		}
	}
	return rules
}

func (r rule) kind() string {
	switch {
	case r.refuse != nil:
		return "refused"
	case r.answer != nil:
		return "answered"
	case r.reword != nil:
		return "reworded"
	default:
		return "completed"
	}
}

// printCatalogue writes a line of JSON for each rule.
func printCatalogue(out io.Writer) error {
	encoder := json.NewEncoder(out)
	for _, rule := range catalogue {
		line := map[string]any{
			"service": rule.service, "actions": rule.actions, "kind": rule.kind(), "what": rule.what, "source": rule.source,
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
