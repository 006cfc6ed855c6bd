package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const account = "111122223333"

// lenient is a server that accepts everything; it has the role `there`, under the path /team/, and clusters `api` and `config-map`.
func lenient(writer http.ResponseWriter, request *http.Request) {
	_ = request.ParseForm()
	switch {
	case request.Form.Get("Action") == "GetCallerIdentity":
		fmt.Fprint(writer, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn><UserId>u</UserId>`+
			`<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case request.Form.Get("Action") == "GetRole" && request.Form.Get("RoleName") == "there":
		trust := `{"Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`
		fmt.Fprintf(writer, "<Role><Arn>arn:aws:iam::%s:role/team/there</Arn><AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument></Role>",
			account, url.QueryEscape(trust))
	case request.Form.Get("Action") == "GetRole" || request.Form.Get("Action") == "GetPolicy":
		http.Error(writer, "<Code>NoSuchEntity</Code>", http.StatusNotFound)
	case request.URL.Path == "/clusters/api":
		fmt.Fprint(writer, `{"cluster":{"name":"api","accessConfig":{"authenticationMode":"API"}}}`)
	case request.URL.Path == "/clusters/config-map":
		fmt.Fprint(writer, `{"cluster":{"name":"config-map"}}`)
	default:
		fmt.Fprint(writer, `{}`)
	}
}

func newTestFront(t *testing.T) *front {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(lenient))
	t.Cleanup(server.Close)
	front, err := newFront(strings.TrimPrefix(server.URL, "http://"), t.TempDir(), options{})
	if err != nil {
		t.Fatal(err)
	}
	return front
}

// ask sends a call in the account's name; the answer's body, as text.
func ask(front *front, service, method, path, body string) (int, string) {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	answer := httptest.NewRecorder()
	front.ServeHTTP(answer, request)
	return answer.Code, answer.Body.String()
}

func TestTrustPoliciesAreRefusedAsIAMDoes(t *testing.T) {
	statement := func(fields string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + fields + `}]}`
	}
	cases := map[string]struct{ document, refusal string }{
		"no JSON":              {`{`, "This policy contains invalid Json"},
		"no statement":         {`{"Version":"2012-10-17"}`, "Syntax errors in policy."},
		"an unknown version":   {`{"Version":"2020-01-01","Statement":[{}]}`, "The policy must contain a valid version string"},
		"no effect":            {`{"Statement":[{"Action":"sts:AssumeRole","Principal":"*"}]}`, "Missing required field Effect"},
		"no principal":         {statement(`"Action":"sts:AssumeRole"`), "Missing required field Principal"},
		"no action":            {statement(`"Principal":{"AWS":"*"}`), "Missing required field Action"},
		"a resource":           {statement(`"Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"`), "Has prohibited field Resource"},
		"another action":       {statement(`"Principal":{"AWS":"*"},"Action":"s3:GetObject"`), "AssumeRole policy may only specify STS AssumeRole actions."},
		"an unknown kind":      {statement(`"Principal":{"Aws":"*"},"Action":"sts:AssumeRole"`), "Invalid principal in policy"},
		"an absent role":       {statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/absent"},"Action":"sts:AssumeRole"`), "Invalid principal in policy"},
		"another path":         {statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/there"},"Action":"sts:AssumeRole"`), "Invalid principal in policy"},
		"a wildcard":           {statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"sts:AssumeRole"`), "Invalid principal in policy"},
		"a role that is there": {statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/team/there"},"Action":"sts:AssumeRole"`), ""},
		"an account":           {statement(`"Principal":{"AWS":["111122223333"]},"Action":["sts:AssumeRole","sts:TagSession"]`), ""},
		"a service":            {statement(`"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole"]`), ""},
		"everybody":            {statement(`"Principal":"*","Action":"sts:AssumeRole"`), ""},
	}
	front := newTestFront(t)
	for name, c := range cases {
		form := url.Values{"Action": {"CreateRole"}, "RoleName": {"r"}, "AssumeRolePolicyDocument": {c.document}}
		status, body := ask(front, "iam", http.MethodPost, "/", form.Encode())
		if c.refusal == "" && status != http.StatusOK {
			t.Errorf("%s: refused: %s", name, body)
		}
		if c.refusal != "" && (!strings.Contains(body, "<Code>MalformedPolicyDocument</Code>") || !strings.Contains(body, c.refusal)) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestEKSRefuses(t *testing.T) {
	const there, invalid = "arn:aws:iam::111122223333:role/team/there", "InvalidParameterException"
	entry := func(fields string) string { return `{"principalArn":"` + there + `"` + fields + `}` }
	policy := func(name, scope string) string {
		return `{"policyArn":"arn:aws:eks::aws:cluster-access-policy/` + name + `","accessScope":` + scope + `}`
	}
	const entries = "/clusters/api/access-entries"
	policies := entries + "/" + url.QueryEscape(there) + "/access-policies"
	cases := map[string]struct{ path, body, code string }{
		"a good entry":                    {entries, entry(`,"kubernetesGroups":["a"],"username":"a:{{SessionName}}"`), ""},
		"a cluster with aws-auth alone":   {"/clusters/config-map/access-entries", entry(""), "InvalidRequestException"},
		"a system group":                  {entries, entry(`,"kubernetesGroups":["system:masters"]`), invalid},
		"a system group in an update":     {entries + "/" + url.QueryEscape(there), `{"kubernetesGroups":["system:nodes"]}`, invalid},
		"a reserved user name":            {entries, entry(`,"username":"eks:me"`), invalid},
		"a session without colon":         {entries, entry(`,"username":"me-{{SessionName}}"`), invalid},
		"an absent principal":             {entries, `{"principalArn":"arn:aws:iam::111122223333:role/absent"}`, invalid},
		"a session":                       {entries, `{"principalArn":"arn:aws:sts::111122223333:assumed-role/there/s"}`, invalid},
		"a service-linked role":           {entries, `{"principalArn":"arn:aws:iam::111122223333:role/aws-service-role/x/y"}`, invalid},
		"nodes with groups":               {entries, entry(`,"type":"EC2_LINUX","kubernetesGroups":["a"]`), invalid},
		"an unknown access policy":        {policies, policy("Nope", `{"type":"cluster"}`), invalid},
		"one for service-linked roles":    {policies, policy("AmazonEKSComputePolicy", `{"type":"cluster"}`), invalid},
		"a namespace scope without any":   {policies, policy("AmazonEKSViewPolicy", `{"type":"namespace"}`), invalid},
		"a good association":              {policies, policy("AmazonEKSViewPolicy", `{"type":"namespace","namespaces":["a"]}`), ""},
		"a role that can't be associated": {"/clusters/api/pod-identity-associations", `{"roleArn":"arn:aws:iam::111122223333:role/absent"}`, invalid},
		"a role that can be associated":   {"/clusters/api/pod-identity-associations", `{"roleArn":"` + there + `"}`, ""},
		"a mode that can't be taken back": {"/clusters/api/update-config", `{"accessConfig":{"authenticationMode":"CONFIG_MAP"}}`, invalid},
	}
	front := newTestFront(t)
	for name, c := range cases {
		status, body := ask(front, "eks", http.MethodPost, c.path, c.body)
		if c.code == "" && status != http.StatusOK || c.code != "" && !strings.Contains(body, `"__type":"`+c.code+`"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestEveryCallIsWrittenDown(t *testing.T) {
	front := newTestFront(t)
	ask(front, "eks", http.MethodPost, "/clusters/api/access-entries", `{"principalArn":"arn:aws:iam::111122223333:role/absent"}`)
	text, err := os.ReadFile(front.recording.path)
	if err != nil {
		t.Fatal(err)
	}
	var line recorded
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatal(err)
	}
	if line.Service != "eks" || line.Action != "CreateAccessEntry" || line.Account != account || line.Region != "eu-west-1" ||
		line.Status != http.StatusBadRequest || line.By != "front" || line.Reads || line.Parameters["clusterName"] != "api" {
		t.Errorf("written: %s", text)
	}
}

func TestSTSAnswersInJSONThroughTheTunnel(t *testing.T) {
	tunnel, err := newTunnel(newTestFront(t), filepath.Join(t.TempDir(), "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(tunnel)
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(tunnel.keys.certificate)
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}}}
	for range 2 {
		request, err := http.NewRequest(http.MethodGet, "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "application/json")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		var answer struct {
			Response struct {
				Result struct{ Account, Arn, UserID string } `json:"GetCallerIdentityResult"`
			} `json:"GetCallerIdentityResponse"`
		}
		if err := json.Unmarshal(body, &answer); err != nil || answer.Response.Result.Arn != "arn:aws:iam::111122223333:root" {
			t.Errorf("answered: %s", body)
		}
	}
	if _, err := client.Get("https://example.com/"); err == nil {
		t.Error("the proxy leads elsewhere than to STS")
	}
}
