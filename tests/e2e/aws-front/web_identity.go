package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// webIdentityRules: the server looks at a role's trust policy alone.
var webIdentityRules = []rule{{
	service: "sts", actions: []string{"AssumeRoleWithWebIdentity"},
	what:   "the role's account has an OIDC provider of the token's issuer",
	source: "IAM User Guide, \"Create an OpenID Connect (OIDC) identity provider in IAM\"; the message: aws-load-balancer-controller#1226",
	refuse: func(f *front, call *call) error {
		role, ok := parsePrincipal(call.text("RoleArn"))
		issuer := issuerOf(call.text("WebIdentityToken"))
		if !ok || issuer == "" {
			return nil
		}
		arn := "arn:aws:iam::" + role.account + ":oidc-provider/" + strings.TrimPrefix(issuer, "https://")
		found, err := f.askIAM(role.account, "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn)
		if err != nil || found.ok() {
			return err
		}
		return refused(http.StatusBadRequest, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for %s", issuer)
	},
}}

// issuerOf a JSON Web Token (RFC 7519), without looking at its signature.
func issuerOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct{ Iss string }
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Iss
}
