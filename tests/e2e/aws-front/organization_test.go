package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// organized is a folder with an organisation: root r-1, in it the unit ou-1, in it the account 111122223333; a policy with a statement on a target.
func organized(t *testing.T, management, target, statement string) organization {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"describe-organization":                fmt.Sprintf(`{"Organization":{"Id":"o-1","MasterAccountId":%q}}`, management),
		"list-parents-" + account:              `{"Parents":[{"Id":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`,
		"list-parents-ou-1":                    `{"Parents":[{"Id":"r-1","Type":"ROOT"}]}`,
		"list-policies-SERVICE_CONTROL_POLICY": `{"Policies":[{"Id":"p-1"}]}`,
		"list-targets-for-policy-p-1":          fmt.Sprintf(`{"Targets":[{"TargetId":%q}]}`, target),
		"describe-policy-p-1":                  fmt.Sprintf(`{"Policy":{"Content":%q}}`, `{"Statement":[`+statement+`]}`),
	} {
		if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return organization{folder: folder}
}

func TestServiceControlPoliciesDenyAlongTheAccount(t *testing.T) {
	const role, other = "arn:aws:iam::444455556666:role/deployer", "arn:aws:iam::444455556666:role/other"
	assumes := attempt{
		account: account, principal: principalOf("arn:aws:sts::" + account + ":assumed-role/argocd/pod"), action: "sts:AssumeRole", resource: role,
	}
	deny := func(action, resource string) string {
		return fmt.Sprintf(`{"Effect":"Deny","Action":%s,"Resource":%q}`, action, resource)
	}
	cases := []struct {
		management, target, statement string
		denies                        bool
		err                           string
	}{
		{"999988887777", account, deny(`"sts:AssumeRole"`, role), true, ""},
		{"999988887777", "ou-1", deny(`["s3:*","STS:assume*"]`, "arn:aws:iam::*:role/deploy??"), true, ""},
		{"999988887777", "r-1", deny(`"*"`, "*"), true, ""},
		{"999988887777", "ou-2", deny(`"*"`, "*"), false, ""},
		{"999988887777", account, deny(`"sts:AssumeRole"`, other), false, ""},
		{"999988887777", account, deny(`"sts:TagSession"`, "*"), false, ""},
		{"999988887777", account, `{"Effect":"Allow","Action":"*","Resource":"*"}`, false, ""},
		{account, account, deny(`"*"`, "*"), false, ""},
		{"999988887777", account, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, false, "allows less than everything"},
		{"999988887777", account, `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`, false, "isn't one that is enforced here"},
		{"999988887777", account, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/argocd"}}}`, false, ""},
		{"999988887777", account, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/x"]}}}`, true, ""},
		{"999988887777", account, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"x"}}}`, false, "isn't enforced here"},
		{"999988887777", account, `{"Effect":"deny","Action":"*","Resource":"*"}`, false, "allows less than everything"},
	}
	for _, c := range cases {
		denies, err := organized(t, c.management, c.target, c.statement).denies(assumes)
		if denies != c.denies || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: %t, %v", c, denies, err)
		}
	}
	if denies, err := (organization{folder: t.TempDir()}).denies(assumes); denies || err != nil {
		t.Errorf("without an organisation: %t, %v", denies, err)
	}
}

func TestAnOrganisationIsToldFromItsFiles(t *testing.T) {
	front := newTestFront(t)
	front.organization = organized(t, "999988887777", "r-1", `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	for _, c := range []struct {
		action, body, expected string
		status                 int
	}{
		{"DescribeOrganization", `{}`, `"MasterAccountId":"999988887777"`, http.StatusOK},
		{"ListParents", `{"ChildId":"ou-1"}`, `"Id":"r-1"`, http.StatusOK},
		{"ListTargetsForPolicy", `{"PolicyId":"p-1"}`, `"TargetId":"r-1"`, http.StatusOK},
		{"ListParents", `{"ChildId":"ou-9"}`, `InvalidInputException`, http.StatusBadRequest},
	} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20260101/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0")
		request.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+c.action)
		answer := httptest.NewRecorder()
		front.ServeHTTP(answer, request)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.expected) {
			t.Errorf("%s %s: %d %s", c.action, c.body, answer.Code, answer.Body)
		}
	}
}
