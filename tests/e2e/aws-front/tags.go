package main

import (
	"maps"
	"net/http"
	"strings"
)

const tagSource = "Amazon EKS API Reference, TagResource, UntagResource: \"clusters, managed node groups, … access entries, Pod Identity associations\""

// tagRules: the server keeps tags apart from what describes a resource, and none of Pod Identity associations.
var tagRules = []rule{
	{
		service: "eks", actions: []string{"TagResource", "UntagResource"},
		what: "tags of a Pod Identity association are kept here", source: tagSource,
		answer: func(f *front, call *call) (*reply, error) {
			arn := call.text("resourceArn")
			if !strings.Contains(arn, ":podidentityassociation/") {
				return nil, nil
			}
			if err := f.associationExists(call, arn); err != nil {
				return nil, err
			}
			f.retag(call)
			return jsonReply(map[string]any{})
		},
	},
	{
		service: "eks", actions: []string{"TagResource", "UntagResource"},
		what: "what is tagged is described with its new tags", source: tagSource,
		complete: func(f *front, call *call, _ *reply) error {
			f.retag(call)
			return nil
		},
	},
	{
		service: "eks", actions: []string{
			"DescribeCluster", "DescribeAccessEntry", "UpdateAccessEntry", "DescribePodIdentityAssociation", "UpdatePodIdentityAssociation",
		},
		what: "the tags that a resource got later", source: tagSource,
		complete: completeObject(func(f *front, _ *call, body map[string]any) error {
			for _, value := range body {
				object, _ := value.(map[string]any)
				for _, field := range []string{"arn", "accessEntryArn", "associationArn"} {
					arn, _ := object[field].(string)
					f.state.with(func() { f.state.overlayTags(arn, object) })
				}
			}
			return nil
		}),
	},
}

// tag adds tags to a resource; a value of nil takes one away.
func (s *state) tag(arn string, tags map[string]any) {
	if s.tags[arn] == nil {
		s.tags[arn] = map[string]any{}
	}
	maps.Copy(s.tags[arn], tags)
}

func (s *state) overlayTags(arn string, object map[string]any) {
	tags, _ := object["tags"].(map[string]any)
	if tags == nil {
		tags = map[string]any{}
	}
	for key, value := range s.tags[arn] {
		if value == nil {
			delete(tags, key)
		} else {
			tags[key] = value
		}
		object["tags"] = tags
	}
}

func (f *front) retag(call *call) {
	tags, _ := call.parameters["tags"].(map[string]any)
	for _, key := range call.request.URL.Query()["tagKeys"] {
		if tags == nil {
			tags = map[string]any{}
		}
		tags[key] = nil
	}
	f.state.with(func() { f.state.tag(call.text("resourceArn"), tags) })
}

// associationExists asks the server: arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID.
func (f *front) associationExists(call *call, arn string) error {
	parts := strings.Split(arn, "/")
	if len(parts) != 3 {
		return invalidParameter("Invalid resourceArn: %s", arn)
	}
	path := "/clusters/" + parts[1] + "/pod-identity-associations/" + parts[2]
	reply, err := f.ask(call.account, call.region, "eks", http.MethodGet, path, nil)
	if err != nil || reply.ok() {
		return err
	}
	return refused(http.StatusNotFound, "ResourceNotFoundException", "No resource found for ARN: %s.", arn)
}
