package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// call is one request to AWS, understood.
type call struct {
	request *http.Request
	body    []byte
	// service is the name in the signature's scope: iam, sts, eks.
	service string
	action  string
	region  string
	// accessKey is whose signature it is; account, whose access key that is.
	accessKey string
	account   string
	// cluster is whose API server is asked.
	cluster string
	// parameters are what botocore's model of the action names so, of path, query and body.
	parameters map[string]any
}

// text is a parameter, empty where there is none.
func (c *call) text(name string) string {
	text, _ := c.parameters[name].(string)
	return text
}

// texts is a parameter that is a list of strings.
func (c *call) texts(name string) []string {
	list, _ := c.parameters[name].([]any)
	var texts []string
	for _, value := range list {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// reads is true where AWS's naming says that the call changes nothing.
func (c *call) reads() bool {
	if c.service == kubernetes {
		return c.readsKubernetes()
	}
	for _, prefix := range []string{"Get", "List", "Describe", "Simulate", "AssumeRole", "Decode"} {
		if strings.HasPrefix(c.action, prefix) {
			return true
		}
	}
	return false
}

// scope is what names the signer, in the Authorization header or in the query of a presigned URL ("Signature Version 4", IAM User Guide).
var scope = regexp.MustCompile(`^([^/]+)/[0-9]{8}/([^/]*)/([^/]+)/aws4_request$`)

var credential = regexp.MustCompile(`Credential=([^,\s]+)`)

func parseCall(request *http.Request) (*call, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	c := &call{request: request, body: body, parameters: map[string]any{}}
	signer := request.URL.Query().Get("X-Amz-Credential")
	if match := credential.FindStringSubmatch(request.Header.Get("Authorization")); match != nil {
		signer = match[1]
	}
	if match := scope.FindStringSubmatch(signer); match != nil {
		c.accessKey, c.region, c.service = match[1], match[2], match[3]
	}
	switch c.service {
	case "eks":
		c.parseEKS()
	default:
		c.parseQuery()
	}
	return c, nil
}

// parseQuery reads AWS's query protocol, which IAM and STS speak. Calls without a signature are STS's.
func (c *call) parseQuery() {
	values := c.request.URL.Query()
	if form, err := url.ParseQuery(string(c.body)); err == nil && len(c.body) > 0 {
		values = form
	}
	for name := range values {
		if !strings.HasPrefix(name, "X-Amz-") {
			c.parameters[name] = values.Get(name)
		}
	}
	c.action = values.Get("Action")
	if c.service == "" && strings.HasPrefix(c.action, "AssumeRole") {
		c.service = "sts"
	}
	// The JSON protocol of other services names the action in a header.
	if _, action, found := strings.Cut(c.request.Header.Get("X-Amz-Target"), "."); found {
		c.action = action
		// A body that isn't JSON is for the server to refuse.
		_ = json.Unmarshal(c.body, &c.parameters)
	}
}

// operation is a route of the EKS API, as botocore's model of it has them (eks/2017-11-01/service-2.json).
type operation struct {
	method, action string
	path           *regexp.Regexp
}

// operations: those with more in the path first. A principal's ARN may hold slashes, escaped or not.
var operations = []operation{
	route("GET", "ListAccessPolicies", "/access-policies"),
	route("GET", "ListClusters", "/clusters"),
	route("POST", "CreateCluster", "/clusters"),
	route("DELETE", "DisassociateAccessPolicy", "/clusters/{clusterName}/access-entries/{principalArn+}/access-policies/{policyArn+}"),
	route("GET", "ListAssociatedAccessPolicies", "/clusters/{clusterName}/access-entries/{principalArn+}/access-policies"),
	route("POST", "AssociateAccessPolicy", "/clusters/{clusterName}/access-entries/{principalArn+}/access-policies"),
	route("GET", "DescribeAccessEntry", "/clusters/{clusterName}/access-entries/{principalArn+}"),
	route("POST", "UpdateAccessEntry", "/clusters/{clusterName}/access-entries/{principalArn+}"),
	route("DELETE", "DeleteAccessEntry", "/clusters/{clusterName}/access-entries/{principalArn+}"),
	route("GET", "ListAccessEntries", "/clusters/{clusterName}/access-entries"),
	route("POST", "CreateAccessEntry", "/clusters/{clusterName}/access-entries"),
	route("GET", "DescribePodIdentityAssociation", "/clusters/{clusterName}/pod-identity-associations/{associationId}"),
	route("POST", "UpdatePodIdentityAssociation", "/clusters/{clusterName}/pod-identity-associations/{associationId}"),
	route("DELETE", "DeletePodIdentityAssociation", "/clusters/{clusterName}/pod-identity-associations/{associationId}"),
	route("GET", "ListPodIdentityAssociations", "/clusters/{clusterName}/pod-identity-associations"),
	route("POST", "CreatePodIdentityAssociation", "/clusters/{clusterName}/pod-identity-associations"),
	route("GET", "DescribeCapability", "/clusters/{clusterName}/capabilities/{capabilityName}"),
	route("DELETE", "DeleteCapability", "/clusters/{clusterName}/capabilities/{capabilityName}"),
	route("GET", "ListCapabilities", "/clusters/{clusterName}/capabilities"),
	route("POST", "CreateCapability", "/clusters/{clusterName}/capabilities"),
	route("POST", "UpdateClusterConfig", "/clusters/{clusterName}/update-config"),
	route("GET", "DescribeUpdate", "/clusters/{clusterName}/updates/{updateId}"),
	route("GET", "DescribeCluster", "/clusters/{clusterName}"),
	route("DELETE", "DeleteCluster", "/clusters/{clusterName}"),
	route("GET", "ListTagsForResource", "/tags/{resourceArn+}"),
	route("POST", "TagResource", "/tags/{resourceArn+}"),
	route("DELETE", "UntagResource", "/tags/{resourceArn+}"),
}

var placeholder = regexp.MustCompile(`\{([A-Za-z]+)(\+?)\}`)

func route(method, action, path string) operation {
	pattern := placeholder.ReplaceAllStringFunc(path, func(found string) string {
		match := placeholder.FindStringSubmatch(found)
		if match[2] == "+" {
			return "(?P<" + match[1] + ">.+?)"
		}
		return "(?P<" + match[1] + ">[^/]+)"
	})
	return operation{method: method, action: action, path: regexp.MustCompile("^" + pattern + "$")}
}

// parseEKS reads EKS's REST protocol with JSON bodies. A cluster's name is `name` in some actions and `clusterName` in others;
// here it is clusterName in all.
func (c *call) parseEKS() {
	for _, operation := range operations {
		match := operation.path.FindStringSubmatch(c.request.URL.Path)
		if match == nil || operation.method != c.request.Method {
			continue
		}
		c.action = operation.action
		if len(c.body) > 0 {
			// A body that isn't JSON is for the server to refuse.
			_ = json.Unmarshal(c.body, &c.parameters)
		}
		for name, values := range c.request.URL.Query() {
			c.parameters[name] = values[0]
		}
		for index, name := range operation.path.SubexpNames() {
			if name != "" {
				c.parameters[name] = match[index]
			}
		}
		return
	}
}
