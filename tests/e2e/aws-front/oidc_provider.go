package main

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
)

const oidcSource = "IAM API Reference, AddClientIDToOpenIDConnectProvider and TagOpenIDConnectProvider; the shapes: botocore's model of iam"

// oidcProviderRules: the server makes OIDC providers, and can't change them.
var oidcProviderRules = []rule{
	{
		service: "iam", actions: []string{"AddClientIDToOpenIDConnectProvider", "TagOpenIDConnectProvider"},
		what: "an audience is kept here, and an OIDC provider's new tags; nothing is changed in the server", source: oidcSource,
		answer: func(f *front, call *call) (*reply, error) {
			arn := call.text("OpenIDConnectProviderArn")
			found, err := f.askIAM(call.account, "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn)
			if err != nil {
				return nil, err
			}
			if !found.ok() {
				return nil, refused(http.StatusNotFound, "NoSuchEntity", "OpenIDConnect Provider not found for arn %s", arn)
			}
			f.state.with(func() {
				audience := call.text("ClientID")
				if audience != "" && !slices.Contains(f.state.audiences[arn], audience) {
					f.state.audiences[arn] = append(f.state.audiences[arn], audience)
				}
				f.state.tag(arn, call.queryTags())
			})
			return emptyQueryReply(call.action), nil
		},
	},
	{
		service: "iam", actions: []string{"GetOpenIDConnectProvider"},
		what: "the audiences and tags that were added", source: oidcSource,
		complete: func(f *front, call *call, reply *reply) error {
			arn := call.text("OpenIDConnectProviderArn")
			f.state.with(func() {
				for _, audience := range f.state.audiences[arn] {
					reply.body = insertBefore(reply.body, "</ClientIDList>", element("member", audience))
				}
				for key, value := range f.state.tags[arn] {
					text, _ := value.(string)
					member := "<member>" + element("Key", key) + element("Value", text) + "</member>"
					reply.body = insertBefore(withoutTag(reply.body, key), "</Tags>", member)
				}
			})
			return nil
		},
	},
}

// queryTags are the tags in a call of the query protocol.
func (c *call) queryTags() map[string]any {
	tags := map[string]any{}
	for name := range c.parameters {
		if number, found := strings.CutSuffix(name, ".Key"); found && strings.HasPrefix(name, "Tags.member.") {
			tags[c.text(name)] = c.text(number + ".Value")
		}
	}
	return tags
}

func element(name, text string) string {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(text))
	return "<" + name + ">" + escaped.String() + "</" + name + ">"
}

func insertBefore(body []byte, end, text string) []byte {
	return bytes.Replace(body, []byte(end), []byte(text+end), 1)
}

// withoutTag takes a tag's member out.
func withoutTag(body []byte, key string) []byte {
	start := bytes.Index(body, []byte("<member>"+element("Key", key)))
	if start < 0 {
		return body
	}
	const end = "</member>"
	length := bytes.Index(body[start:], []byte(end)) + len(end)
	return slices.Concat(body[:start], body[start+length:])
}
