package main

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

const capabilitySource = "Amazon EKS User Guide, \"Create an Argo CD capability\" (create-argocd-capability); the shapes: botocore's model of eks"

// capabilityRules: the server knows no capabilities.
var capabilityRules = []rule{
	{
		service: "eks", actions: []string{"CreateCapability"},
		what:   "a capability is active at once; the access entry that EKS makes for its role is the caller's to make here",
		source: capabilitySource, answer: createCapability,
	},
	{
		service: "eks", actions: []string{"ListCapabilities"}, what: "those that were created", source: capabilitySource,
		answer: func(f *front, call *call) (*reply, error) {
			if _, err := f.authenticationMode(call); err != nil {
				return nil, err
			}
			list := []any{}
			f.state.with(func() {
				capabilities := f.state.capabilities[call.clusterARN()]
				for _, name := range slices.Sorted(maps.Keys(capabilities)) {
					list = append(list, summary(capabilities[name]))
				}
			})
			return jsonReply(map[string]any{"capabilities": list})
		},
	},
	{
		service: "eks", actions: []string{"DescribeCapability", "DeleteCapability"}, what: "those that were created", source: capabilitySource,
		answer: func(f *front, call *call) (*reply, error) {
			var capability map[string]any
			name := call.text("capabilityName")
			f.state.with(func() {
				capability = f.state.capabilities[call.clusterARN()][name]
				if call.action == "DeleteCapability" {
					delete(f.state.capabilities[call.clusterARN()], name)
				}
			})
			if capability == nil {
				return nil, refused(http.StatusNotFound, "ResourceNotFoundException", "No capability found for name: %s.", name)
			}
			return jsonReply(map[string]any{"capability": capability})
		},
	},
}

func createCapability(f *front, call *call) (*reply, error) {
	if _, err := f.authenticationMode(call); err != nil {
		return nil, err
	}
	kind, name := call.text("type"), call.text("capabilityName")
	role, ok := parsePrincipal(call.text("roleArn"))
	switch {
	case !slices.Contains([]string{"ACK", "KRO", "ARGOCD"}, kind):
		return nil, invalidParameter("Invalid type %s", kind)
	case call.text("deletePropagationPolicy") != "RETAIN":
		return nil, invalidParameter("deletePropagationPolicy must be RETAIN")
	case !ok || role.kind != "role" || role.account != call.account:
		return nil, invalidParameter("The role %s is invalid", call.text("roleArn"))
	}
	exists, err := f.exists(role)
	if err == nil && !exists {
		err = invalidParameter("The role %s is invalid", role.arn)
	}
	if err != nil {
		return nil, err
	}
	tags, _ := call.parameters["tags"].(map[string]any)
	capability := map[string]any{
		"capabilityName": name, "clusterName": call.text("clusterName"), "type": kind, "roleArn": role.arn, "status": "ACTIVE",
		"arn": fmt.Sprintf("arn:aws:eks:%s:%s:capability/%s/%s/%s/%s",
			call.region, call.account, call.text("clusterName"), map[string]string{"ARGOCD": "argocd", "ACK": "ack", "KRO": "kro"}[kind], name, uuid()),
		"configuration": call.parameters["configuration"], "tags": tags, "deletePropagationPolicy": "RETAIN",
		"createdAt": time.Now().Unix(), "modifiedAt": time.Now().Unix(),
	}
	taken := false
	f.state.with(func() {
		all := f.state.capabilities[call.clusterARN()]
		if all == nil {
			all = map[string]map[string]any{}
			f.state.capabilities[call.clusterARN()] = all
		}
		if _, taken = all[name]; !taken {
			all[name] = capability
		}
	})
	if taken {
		return nil, refused(http.StatusConflict, "ResourceInUseException", "Capability already exists with name: %s", name)
	}
	return jsonReply(map[string]any{"capability": capability})
}

// summary has six of a capability's fields (botocore's model of eks: CapabilitySummary).
func summary(capability map[string]any) map[string]any {
	fields := map[string]any{}
	for _, field := range []string{"capabilityName", "arn", "type", "status", "version", "createdAt", "modifiedAt"} {
		if value, found := capability[field]; found {
			fields[field] = value
		}
	}
	return fields
}

// uuid is a random one (RFC 9562, version 4).
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
