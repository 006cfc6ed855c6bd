package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
)

// fault is what goes wrong with calls, as a suite wants it.
type fault struct {
	// Service and Action choose calls; empty ones choose all.
	Service string `json:"service"`
	Action  string `json:"action"`
	// Writes chooses only calls that change something.
	Writes bool `json:"writes"`
	// Skip is how many of the chosen calls go well first, Times how many don't after that; 0 means all that follow.
	Skip  int `json:"skip"`
	Times int `json:"times"`
	// Kind is one of the kinds below.
	Kind string `json:"kind"`
	// Code is AWS's error code, of a refusal.
	Code string `json:"code"`
}

const (
	// throttled: AWS answers that there were too many.
	throttled = "throttled"
	// failing: AWS answers 500.
	failing = "failing"
	// refusing: AWS answers the error Code.
	refusing = "refusing"
	// cut: the connection ends before AWS has got anything.
	cut = "cut"
	// lost: AWS has done it, and the connection ends before the answer.
	lost = "lost"
	// half: AWS has done it, and half of the answer comes.
	half = "half"
	// stalled: nothing comes until the caller gives up.
	stalled = "stalled"
	// held: AWS has done it, and nothing comes until the caller gives up, or is killed.
	held = "held"
)

// faults are read anew from a file at each call; who changes it starts the counting anew.
type faults struct {
	path  string
	mutex sync.Mutex
	seen  [sha256.Size]byte
	all   []fault
	met   []int
}

// of is what goes wrong with a call; nil where nothing does.
func (f *faults) of(call *call) (*fault, error) {
	if f.path == "" {
		return nil, nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.read(); err != nil {
		return nil, err
	}
	for i := range f.all {
		fault := &f.all[i]
		if !fault.chooses(call) {
			continue
		}
		f.met[i]++
		over := f.met[i] - fault.Skip
		if over > 0 && (fault.Times == 0 || over <= fault.Times) {
			return fault, nil
		}
	}
	return nil, nil
}

func (f *faults) read() error {
	text, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(text); sum != f.seen {
		var all []fault
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		f.seen, f.all, f.met = sum, all, make([]int, len(all))
	}
	return nil
}

func (f *fault) chooses(call *call) bool {
	return (f.Service == "" || f.Service == call.service) && (f.Action == "" || f.Action == call.action) &&
		!(f.Writes && call.reads())
}

// before is the answer where the server isn't asked at all; nil where it is.
func (f *fault) before() *failure {
	switch f.Kind {
	case throttled:
		return refused(http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	case failing:
		return refused(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error.")
	case refusing:
		return refused(http.StatusBadRequest, f.Code, "refused by the test")
	}
	return nil
}

// deliver answers, unless there is a fault that has it otherwise.
func (f *fault) deliver(writer http.ResponseWriter, request *http.Request, reply *reply) {
	if f != nil && f.inject(writer, request) {
		return
	}
	for name, values := range reply.header {
		writer.Header()[name] = values
	}
	if f != nil && !f.after(writer, reply) {
		return
	}
	writer.WriteHeader(reply.status)
	_, _ = writer.Write(reply.body)
}

// inject does what the fault says, but for answering; whether the call is over.
func (f *fault) inject(writer http.ResponseWriter, request *http.Request) bool {
	switch f.Kind {
	case cut:
		hangUp(writer)
		return true
	case stalled, held:
		<-request.Context().Done()
		return true
	}
	return false
}

// after spoils an answer that the server gave; whether there is one left to give.
func (f *fault) after(writer http.ResponseWriter, reply *reply) bool {
	switch f.Kind {
	case lost:
		hangUp(writer)
		return false
	case half:
		writer.Header().Set("Content-Length", fmt.Sprint(len(reply.body)+1))
		writer.WriteHeader(reply.status)
		_, _ = writer.Write(reply.body[:len(reply.body)/2])
		hangUp(writer)
		return false
	}
	return true
}

// hangUp ends the connection as a lost network does.
func hangUp(writer http.ResponseWriter) {
	if flusher, ok := writer.(http.Flusher); ok {
		// What was written so far is on its way; nothing was where the header wasn't.
		if writer.Header().Get("Content-Length") != "" {
			flusher.Flush()
		}
	}
	if hijacker, ok := writer.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			_ = connection.Close()
		}
	}
}
