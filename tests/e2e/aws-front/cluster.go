package main

import (
	"errors"
	"net/http"
	"time"
)

const modeSource = "Amazon EKS User Guide, \"Change authentication mode to use access entries\" (setting-up-access-entries); " +
	"the messages: pulumi-eks#1493, terraform-aws-eks#3048 and #3026"

// next is where each authentication mode can go: one step, and never back.
var next = map[string]string{"CONFIG_MAP": "API_AND_CONFIG_MAP", "API_AND_CONFIG_MAP": "API"}

// clusterRules: the server has clusters without a control plane, and never changes one.
var clusterRules = []rule{
	{
		service: "eks", actions: []string{"CreateCluster"},
		what: "with CONFIG_MAP, which is the default, the creator is administrator", source: modeSource,
		refuse: func(_ *front, call *call) error {
			config, _ := call.parameters["accessConfig"].(map[string]any)
			mode, _ := config["authenticationMode"].(string)
			if bootstraps, set := config["bootstrapClusterCreatorAdminPermissions"].(bool); set && !bootstraps && (mode == "" || mode == "CONFIG_MAP") {
				return invalidParameter("bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP")
			}
			return nil
		},
	},
	{
		service: "eks", actions: []string{"CreateCluster", "DescribeCluster"},
		what:     "endpoint, certificate authority and OIDC issuer as the test has them; the authentication mode, default and changed",
		source:   "botocore's model of eks: Cluster, CreateAccessConfigRequest",
		complete: completeObject(completeCluster),
	},
	{
		service: "eks", actions: []string{"UpdateClusterConfig"},
		what: "the authentication mode is changed, one step and never back; of the rest nothing", source: modeSource,
		answer: updateClusterConfig,
	},
	{
		service: "eks", actions: []string{"DescribeUpdate"},
		what: "every update has succeeded at once", source: "botocore's model of eks: Update",
		answer: func(f *front, call *call) (*reply, error) {
			var update map[string]any
			f.state.with(func() { update = f.state.updates[call.text("updateId")] })
			if update == nil {
				return nil, refused(http.StatusNotFound, "ResourceNotFoundException", "No update found for ID: %s.", call.text("updateId"))
			}
			return jsonReply(map[string]any{"update": update})
		},
	},
}

// clusterARN is the ARN of the cluster that a call is about.
func (c *call) clusterARN() string {
	name := c.text("clusterName")
	if name == "" {
		name = c.text("name")
	}
	return "arn:aws:eks:" + c.region + ":" + c.account + ":cluster/" + name
}

func completeCluster(f *front, call *call, body map[string]any) error {
	cluster, found := body["cluster"].(map[string]any)
	if !found {
		return errors.New("the server described no cluster")
	}
	arn := call.clusterARN()
	all, err := f.state.decided()
	if err != nil {
		return err
	}
	f.state.with(func() {
		if decided, found := all[arn]; found {
			cluster["endpoint"] = decided.Endpoint
			cluster["certificateAuthority"] = map[string]any{"data": decided.CertificateAuthority}
			cluster["identity"] = map[string]any{"oidc": map[string]any{"issuer": decided.Issuer}}
		}
		config, _ := cluster["accessConfig"].(map[string]any)
		if config == nil {
			config = map[string]any{}
		}
		if config["authenticationMode"] == nil {
			config["authenticationMode"] = "CONFIG_MAP"
		}
		if mode, found := f.state.modes[arn]; found {
			config["authenticationMode"] = mode
		}
		cluster["accessConfig"] = config
	})
	return nil
}

// authenticationMode of a cluster. A cluster that isn't there has none, and the server's error.
func (f *front) authenticationMode(call *call) (string, error) {
	reply, err := f.ask(call.account, call.region, "eks", http.MethodGet, "/clusters/"+call.text("clusterName"), nil)
	if err != nil {
		return "", err
	}
	if !reply.ok() {
		return "", refused(http.StatusNotFound, "ResourceNotFoundException", "No cluster found for name: %s.", call.text("clusterName"))
	}
	body, err := reply.object()
	if err != nil {
		return "", err
	}
	if err := completeCluster(f, call, body); err != nil {
		return "", err
	}
	cluster, _ := body["cluster"].(map[string]any)
	config, _ := cluster["accessConfig"].(map[string]any)
	mode, _ := config["authenticationMode"].(string)
	return mode, nil
}

func updateClusterConfig(f *front, call *call) (*reply, error) {
	mode, err := f.authenticationMode(call)
	if err != nil {
		return nil, err
	}
	config, _ := call.parameters["accessConfig"].(map[string]any)
	wanted, _ := config["authenticationMode"].(string)
	if wanted == "" {
		return nil, refused(http.StatusBadRequest, "InvalidRequestException", "aws-front changes the authentication mode only")
	}
	if next[mode] != wanted {
		return nil, invalidParameter("Unsupported authentication mode update from %s to %s", mode, wanted)
	}
	update := map[string]any{
		"id": uuid(), "status": "Successful", "type": "AccessConfigUpdate", "createdAt": time.Now().Unix(), "errors": []any{},
		"params": []any{map[string]any{"type": "AuthenticationMode", "value": wanted}},
	}
	f.state.with(func() {
		f.state.modes[call.clusterARN()] = wanted
		f.state.updates[update["id"].(string)] = update
	})
	return jsonReply(map[string]any{"update": update})
}

// completeObject completes an answer in JSON.
func completeObject(complete func(*front, *call, map[string]any) error) func(*front, *call, *reply) error {
	return func(f *front, call *call, reply *reply) error {
		body, err := reply.object()
		if err != nil {
			return err
		}
		if err := complete(f, call, body); err != nil {
			return err
		}
		return reply.setObject(body)
	}
}
