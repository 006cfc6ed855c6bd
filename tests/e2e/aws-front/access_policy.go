package main

import (
	"slices"
	"strings"
)

const accessPolicyPrefix = "arn:aws:eks::aws:cluster-access-policy/"

const accessPolicySource = "Amazon EKS User Guide, \"Review access policy permissions\" (access-policy-permissions)"

// accessPolicies that people associate, and those that only AWS's own service-linked roles get.
var (
	accessPolicies = []string{
		"AmazonAIOpsAssistantPolicy", "AmazonARCRegionSwitchScalingPolicy", "AmazonEKSACKPolicy", "AmazonEKSAdminPolicy",
		"AmazonEKSAdminViewPolicy", "AmazonEKSArgoCDClusterPolicy", "AmazonEKSArgoCDPolicy", "AmazonEKSAutoNodePolicy",
		"AmazonEKSClusterAdminPolicy", "AmazonEKSEditPolicy", "AmazonEKSKROPolicy", "AmazonEKSLoadBalancingClusterPolicy",
		"AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingClusterPolicy", "AmazonEKSNetworkingPolicy",
		"AmazonEKSSecretReaderPolicy", "AmazonEKSViewPolicy",
	}
	serviceLinkedAccessPolicies = []string{
		"AmazonEKSBlockStorageClusterPolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterInsightsPolicy",
		"AmazonEKSComputeClusterPolicy", "AmazonEKSComputePolicy", "AmazonEKSHybridPolicy",
	}
)

// accessPolicyRules: the server associates any ARN.
var accessPolicyRules = []rule{
	{
		service: "eks", actions: []string{"ListAccessPolicies"},
		what: "the published names", source: accessPolicySource,
		answer: func(*front, *call) (*reply, error) {
			var list []any
			for _, name := range slices.Sorted(slices.Values(slices.Concat(accessPolicies, serviceLinkedAccessPolicies))) {
				list = append(list, map[string]any{"name": name, "arn": accessPolicyPrefix + name})
			}
			return jsonReply(map[string]any{"accessPolicies": list})
		},
	},
	{
		service: "eks", actions: []string{"AssociateAccessPolicy"},
		what:   "only an access policy that EKS publishes, and none for service-linked roles only, can be associated",
		source: accessPolicySource + "; amazon-eks-user-guide#1003; the messages are ours",
		refuse: func(_ *front, call *call) error {
			arn := call.text("policyArn")
			name, found := strings.CutPrefix(arn, accessPolicyPrefix)
			if slices.Contains(serviceLinkedAccessPolicies, name) {
				return invalidParameter("The policyArn %s is for service-linked roles only", arn)
			}
			if !found || !slices.Contains(accessPolicies, name) {
				return invalidParameter("The policyArn %s is invalid", arn)
			}
			return nil
		},
	},
	{
		service: "eks", actions: []string{"AssociateAccessPolicy"},
		what:   "the scope `namespace` names namespaces, and the scope `cluster` none",
		source: "botocore's model of eks: AccessScope; the message is ours",
		refuse: func(_ *front, call *call) error {
			scope, _ := call.parameters["accessScope"].(map[string]any)
			namespaces, _ := scope["namespaces"].([]any)
			if (scope["type"] == "namespace") != (len(namespaces) > 0) {
				return invalidParameter("The accessScope is invalid: namespaces are required for the type namespace, and for no other")
			}
			return nil
		},
	},
}
