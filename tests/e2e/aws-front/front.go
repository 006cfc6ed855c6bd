package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// front is the handler before the server.
type front struct {
	// upstream is the server's host and port.
	upstream  string
	recording *recording
	state     *state
	asIs      bool
	faults    faults
	limits    limits
	// organization is read at each call.
	organization organization
}

func newFront(upstream, dir string, options options) (*front, error) {
	recording, err := newRecording(dir)
	if err != nil {
		return nil, err
	}
	state, err := newState(options.clusters)
	if err != nil {
		return nil, err
	}
	return &front{
		upstream: upstream, recording: recording, state: state, asIs: options.asIs,
		faults: faults{path: options.faults}, limits: limits{path: options.limits},
		organization: organization{folder: options.organization},
	}, nil
}

func (f *front) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	call, err := parseCall(request)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	call.account = f.accountOf(call)
	fault, err := f.faults.of(call)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	reply, by, err := f.handleWith(fault, call)
	var refusal *failure
	if errors.As(err, &refusal) {
		reply = refusal.reply(call.service)
	} else if err != nil {
		http.Error(writer, err.Error(), http.StatusBadGateway)
		return
	}
	if err := f.recording.write(call, reply, by); err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	fault.deliver(writer, request, reply)
}

// handleWith asks nobody where there were too many calls, or a fault says so.
func (f *front) handleWith(fault *fault, call *call) (*reply, string, error) {
	if passes, err := f.limits.lets(call, time.Now()); err != nil {
		return nil, "", err
	} else if !passes {
		return nil, limiting, tooMany(call.service)
	}
	switch {
	case fault == nil:
		return f.handle(call)
	case fault.before() != nil:
		return nil, "fault " + fault.Kind, fault.before()
	case fault.Kind == cut || fault.Kind == stalled:
		// Nobody sees it.
		return &reply{status: http.StatusServiceUnavailable}, "fault " + fault.Kind, nil
	}
	reply, _, err := f.handle(call)
	return reply, "fault " + fault.Kind, err
}

// handle lets the catalogue's rules refuse, answer or complete a call; who answered, too.
func (f *front) handle(call *call) (*reply, string, error) {
	if f.asIs {
		reply, err := f.forward(call)
		return reply, "server", err
	}
	rules := rulesFor(call)
	for _, rule := range rules {
		if rule.refuse == nil {
			continue
		}
		if err := rule.refuse(f, call); err != nil {
			return nil, "front", err
		}
	}
	for _, rule := range rules {
		if rule.answer == nil {
			continue
		}
		// No reply and no error: it is the server's to answer after all.
		if reply, err := rule.answer(f, call); reply != nil || err != nil {
			return reply, "front", err
		}
	}
	reply, err := f.forward(call)
	if err != nil {
		return reply, "server", err
	}
	for _, rule := range rules {
		change := rule.complete
		if !reply.ok() {
			change = rule.reword
		}
		if change == nil {
			continue
		}
		if err := change(f, call, reply); err != nil {
			return nil, "front", err
		}
	}
	return reply, "server", nil
}

// forward passes a call on as it came: the signature is over the host that the caller knows, the path and the body.
func (f *front) forward(call *call) (*reply, error) {
	target := *call.request.URL
	target.Scheme, target.Host = "http", f.upstream
	request, err := http.NewRequest(call.request.Method, target.String(), bytes.NewReader(call.body))
	if err != nil {
		return nil, err
	}
	request.URL.RawPath = call.request.URL.RawPath
	request.Header, request.Host = call.request.Header.Clone(), call.request.Host
	return send(request)
}

// ask asks the server something in the name of an account, whose root user's key is the account's own id and needs no signature.
func (f *front) ask(account, region, service, method, path string, form url.Values) (*reply, error) {
	request, err := http.NewRequest(method, "http://"+f.upstream+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", account, region, service))
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return send(request)
}

// askIAM asks for one thing by name.
func (f *front) askIAM(account, action, parameter, value string) (*reply, error) {
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}, parameter: {value}}
	return f.ask(account, "us-east-1", "iam", http.MethodPost, "/", form)
}

func send(request *http.Request) (*reply, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	header := response.Header.Clone()
	header.Del("Content-Length")
	return &reply{status: response.StatusCode, header: header, body: body}, nil
}

// accountOf is the account of the caller: an account's id is its root user's key; other keys the server knows.
func (f *front) accountOf(call *call) string {
	if len(call.accessKey) == 12 || call.accessKey == "" {
		return call.accessKey
	}
	return f.state.accountOfKey(call.accessKey, func() string {
		form := url.Values{"Action": {"GetAccessKeyInfo"}, "Version": {"2011-06-15"}, "AccessKeyId": {call.accessKey}}
		reply, err := f.ask("000000000000", "us-east-1", "sts", http.MethodPost, "/", form)
		if err != nil || !reply.ok() {
			return ""
		}
		return between(string(reply.body), "<Account>", "</Account>")
	})
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}
