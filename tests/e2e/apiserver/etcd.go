package main

import (
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

type etcd struct {
	*embed.Etcd
	endpoint string
}

func startEtcd(dir string) (*etcd, error) {
	config := embed.NewConfig()
	config.Dir = dir
	config.LogLevel = "error"
	// Nobody misses what this cluster held.
	config.UnsafeNoFsync = true
	anywhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.ListenClientUrls, config.AdvertiseClientUrls = anywhere, anywhere
	config.ListenPeerUrls, config.AdvertisePeerUrls = anywhere, anywhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-server.Server.ReadyNotify():
		return &etcd{server, "http://" + server.Clients[0].Addr().String()}, nil
	case err := <-server.Err():
		return nil, err
	case <-time.After(time.Minute):
		server.Close()
		return nil, fmt.Errorf("not ready within a minute")
	}
}
