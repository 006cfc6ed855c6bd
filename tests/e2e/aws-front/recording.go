package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
)

// recording is the file with one line of JSON for each call.
type recording struct {
	path  string
	mutex sync.Mutex
	file  *os.File
}

type recorded struct {
	Service    string         `json:"service"`
	Action     string         `json:"action"`
	Region     string         `json:"region,omitempty"`
	Account    string         `json:"account,omitempty"`
	AccessKey  string         `json:"accessKey,omitempty"`
	Cluster    string         `json:"cluster,omitempty"`
	Parameters map[string]any `json:"parameters,omitempty"`
	// Reads is true where the call changes nothing.
	Reads  bool `json:"reads"`
	Status int  `json:"status"`
	// By is `server`, `front`, `limit`, or `fault` with its kind.
	By string `json:"by"`
	// Answer is what came back where it wasn't fine.
	Answer string `json:"answer,omitempty"`
}

func newRecording(dir string) (*recording, error) {
	path := filepath.Join(dir, "calls.jsonl")
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &recording{path: path, file: file}, nil
}

func (r *recording) write(call *call, reply *reply, by string) error {
	line := recorded{
		Service: call.service, Action: call.action, Region: call.region, Account: call.account, AccessKey: call.accessKey, Cluster: call.cluster,
		Parameters: call.parameters, Reads: call.reads(), Status: reply.status, By: by,
	}
	if call.action == "" {
		// Not understood: what it was all the same.
		line.Action = call.request.Method + " " + call.request.URL.Path
	}
	if !reply.ok() {
		line.Answer = string(reply.body)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return json.NewEncoder(r.file).Encode(line)
}
