package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusalsOfAssumeRoleNameTheCallerAndTheRole(t *testing.T) {
	const session = "arn:aws:sts::111122223333:assumed-role/argocd/pod"
	answers := []struct{ server, front string }{
		{"User: is not authorized to perform: sts:AssumeRole on resource: ROLE", "User: " + session + " is not authorized to perform: sts:AssumeRole on resource: ROLE"},
		{
			"User: CALLER is not authorized to perform: sts:AssumeRole because no identity-based policy allows the sts:AssumeRole action",
			"User: CALLER is not authorized to perform: sts:AssumeRole on resource: ROLE because no identity-based policy allows the sts:AssumeRole action",
		},
		{
			"User: CALLER is not authorized to perform: sts:AssumeRole with an explicit deny in an identity-based policy",
			"User: CALLER is not authorized to perform: sts:AssumeRole on resource: ROLE with an explicit deny in an identity-based policy",
		},
	}
	refuses := ""
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		if refuses != "" {
			http.Error(writer, "<Message>"+refuses+"</Message>", http.StatusForbidden)
			return
		}
		fmt.Fprintf(writer, "<AccessKeyId>%s</AccessKeyId><AssumedRoleUser><Arn>%s</Arn></AssumedRoleUser>", account, session)
	}))
	defer server.Close()
	front, err := newFront(strings.TrimPrefix(server.URL, "http://"), t.TempDir(), options{})
	if err != nil {
		t.Fatal(err)
	}
	assume := func() string {
		_, body := ask(front, "sts", http.MethodPost, "/", "Action=AssumeRole&RoleArn=ROLE")
		return strings.TrimSpace(body)
	}
	assume()
	for _, answer := range answers {
		refuses = answer.server
		if body := assume(); body != "<Message>"+answer.front+"</Message>" {
			t.Errorf("%s\nbecame %s", answer.server, body)
		}
	}
}

func TestATokenOfAnUnknownIssuerIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		_ = request.ParseForm()
		if arn := request.Form.Get("OpenIDConnectProviderArn"); arn != "" && !strings.HasSuffix(arn, "/known.example") {
			http.Error(writer, "<Code>NoSuchEntity</Code>", http.StatusNotFound)
		}
	}))
	defer server.Close()
	front, err := newFront(strings.TrimPrefix(server.URL, "http://"), t.TempDir(), options{})
	if err != nil {
		t.Fatal(err)
	}
	for issuer, status := range map[string]int{"https://known.example": http.StatusOK, "https://other.example": http.StatusBadRequest} {
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+issuer+`"}`)) + ".AA"
		form := "Action=AssumeRoleWithWebIdentity&RoleArn=arn:aws:iam::111122223333:role/argocd&WebIdentityToken=" + token
		got, body := ask(front, "sts", http.MethodPost, "/", form)
		if got != status || status != http.StatusOK && !strings.Contains(body, "No OpenIDConnect provider found in your account for "+issuer) {
			t.Errorf("%s: %d %s", issuer, got, body)
		}
	}
}

func TestPermissionsBoundariesAreTold(t *testing.T) {
	const boundary = "<PermissionsBoundary><PermissionsBoundaryArn>arn</PermissionsBoundaryArn></PermissionsBoundary>"
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		_ = request.ParseForm()
		switch request.Form.Get("RoleName") {
		case "":
			fmt.Fprint(writer, "<RoleDetailList><member><RoleName>a</RoleName></member><member><RoleName>b</RoleName></member></RoleDetailList>")
		case "b":
			fmt.Fprint(writer, "<Role>"+boundary+"</Role>")
		}
	}))
	defer server.Close()
	front, err := newFront(strings.TrimPrefix(server.URL, "http://"), t.TempDir(), options{})
	if err != nil {
		t.Fatal(err)
	}
	_, body := ask(front, "iam", http.MethodPost, "/", "Action=GetAccountAuthorizationDetails")
	if !strings.Contains(body, "<RoleName>a</RoleName></member>") || !strings.Contains(body, "<RoleName>b</RoleName>"+boundary) {
		t.Error(body)
	}
}
