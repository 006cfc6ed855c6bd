package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
)

// reply is an answer of the server, or one made here.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r *reply) ok() bool { return r.status/100 == 2 }

// object is the body of an answer in JSON.
func (r *reply) object() (map[string]any, error) {
	object := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	// Dates are numbers of seconds; as floats they'd be written with an exponent.
	decoder.UseNumber()
	return object, decoder.Decode(&object)
}

func (r *reply) setObject(object map[string]any) error {
	body, err := json.Marshal(object)
	r.body = body
	return err
}

func jsonReply(object map[string]any) (*reply, error) {
	r := &reply{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	return r, r.setObject(object)
}

// emptyQueryReply answers an action of IAM that returns nothing.
func emptyQueryReply(action string) *reply {
	body := fmt.Sprintf(`<%[1]sResponse xmlns=%[2]q><ResponseMetadata><RequestId>%[3]s</RequestId></ResponseMetadata></%[1]sResponse>`,
		action, iamNamespace, requestID)
	return &reply{status: http.StatusOK, header: http.Header{"Content-Type": {"text/xml"}}, body: []byte(body)}
}

const (
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	requestID    = "00000000-0000-4000-8000-000000000000"
)

// failure is an error as AWS answers it.
type failure struct {
	status  int
	code    string
	message string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func refused(status int, code, message string, arguments ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(message, arguments...)}
}

// invalidParameter is EKS's most frequent refusal.
func invalidParameter(message string, arguments ...any) *failure {
	return refused(http.StatusBadRequest, "InvalidParameterException", message, arguments...)
}

// reply is the failure in the protocol of the service.
func (f *failure) reply(service string) *reply {
	if service == "eks" || service == "organizations" {
		body, _ := json.Marshal(map[string]string{"__type": f.code, "message": f.message})
		header := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {f.code}}
		return &reply{status: f.status, header: header, body: body}
	}
	var message bytes.Buffer
	_ = xml.EscapeText(&message, []byte(f.message))
	body := fmt.Sprintf(`<ErrorResponse xmlns=%q><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`,
		iamNamespace, f.code, message.String(), requestID)
	return &reply{status: f.status, header: http.Header{"Content-Type": {"text/xml"}}, body: []byte(body)}
}
