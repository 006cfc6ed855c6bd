package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const startsWithin = 60 * time.Second

// upstream is the server behind the front.
type upstream struct {
	command *exec.Cmd
	// address is its host and port.
	address string
	ended   chan error
}

func startUpstream(program, dir string) (*upstream, error) {
	// It runs in another folder.
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "upstream.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(program)
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	command.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+dir,
		// moto's; loopback is its default.
		"MOTO_PORT="+strconv.Itoa(port),
		// ministack's, and all that follow.
		"BIND_HOST=127.0.0.1", "GATEWAY_PORT="+strconv.Itoa(port),
		// Check signatures, identity policies and trust policies.
		"AUTH=true",
		// Else it listens for MQTT, on all addresses.
		"IOT_MTLS_ENABLED=false",
		// Else it starts a k3s container for each EKS cluster, where there is a Docker.
		"DOCKER_HOST=unix:///nonexistent",
	)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	server := &upstream{command: command, address: "127.0.0.1:" + strconv.Itoa(port), ended: make(chan error, 1)}
	started := make(chan error)
	go func() {
		// The signal comes when the thread that started the process ends, not when the front does.
		runtime.LockOSThread()
		started <- command.Start()
		server.ended <- command.Wait()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return server, server.awaitAnswer()
}

// awaitAnswer returns as soon as the server answers anything.
func (u *upstream) awaitAnswer() error {
	for deadline := time.Now().Add(startsWithin); time.Now().Before(deadline); {
		select {
		case err := <-u.ended:
			return fmt.Errorf("the server ended at once: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
		if response, err := http.Get("http://" + u.address + "/_ministack/health"); err == nil {
			return response.Body.Close()
		}
	}
	u.stop()
	return fmt.Errorf("the server didn't answer in %s", startsWithin)
}

// stop kills it: it has nothing to save.
func (u *upstream) stop() {
	_ = u.command.Process.Kill()
}

// freePort is one that nobody listens on. Somebody may take it before the server does; then the server says so and ends.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
