package main

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"os"
	"sync"
	"time"
)

// limit is how often something may be asked, as a token bucket for each account, region and operation, or each cluster: IAM and STS have
// such buckets ("How to monitor and query IAM resources at scale – Part 2", AWS Security Blog). How large they are is for the test to choose.
type limit struct {
	// Service chooses calls, and Reads or Writes of them only those; with neither it is both.
	Service string `json:"service"`
	Reads   bool   `json:"reads"`
	Writes  bool   `json:"writes"`
	// Shared is one bucket for all operations, where else each has its own.
	Shared bool `json:"shared"`
	// PerSecond come back, up to Burst.
	PerSecond float64 `json:"perSecond"`
	Burst     float64 `json:"burst"`
}

// limiting is who answers a call that was one too many.
const limiting = "limit"

// limits are read anew from a file at each call; nothing is limited without one.
type limits struct {
	path    string
	mutex   sync.Mutex
	seen    [sha256.Size]byte
	all     []limit
	buckets map[bucketKey]*bucket
}

type bucketKey struct {
	limit                            int
	account, region, cluster, action string
}

// bucket is what was left of a limit at some time.
type bucket struct {
	left float64
	at   time.Time
}

// read starts with full buckets where the file has changed.
func (l *limits) read() error {
	if l.path == "" {
		return nil
	}
	text, err := os.ReadFile(l.path)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(text); sum != l.seen {
		l.seen, l.all, l.buckets = sum, nil, map[bucketKey]*bucket{}
		return json.Unmarshal(text, &l.all)
	}
	return nil
}

// lets says whether a call may pass now. The first limit that is for it counts.
func (l *limits) lets(call *call, now time.Time) (bool, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err := l.read(); err != nil {
		return false, err
	}
	for i, limit := range l.all {
		if limit.Service != call.service || limit.Reads && !call.reads() || limit.Writes && call.reads() {
			continue
		}
		key := bucketKey{limit: i, account: call.account, region: call.region, cluster: call.cluster, action: call.action}
		if limit.Shared {
			key.action = ""
		}
		if l.buckets[key] == nil {
			l.buckets[key] = &bucket{left: limit.Burst, at: now}
		}
		return l.buckets[key].take(limit, now), nil
	}
	return true, nil
}

func (b *bucket) take(limit limit, now time.Time) bool {
	b.left, b.at = min(limit.Burst, b.left+now.Sub(b.at).Seconds()*limit.PerSecond), now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// tooMany is what a service says to who asks too often: "Common Errors" of the EKS API Reference has ThrottlingException, and IAM and STS say
// Throttling ("How do I resolve API throttling or \"Rate exceeded\" errors for IAM and AWS STS?", AWS re:Post), all with 400.
func tooMany(service string) *failure {
	code := "ThrottlingException"
	if service == "iam" || service == "sts" {
		code = "Throttling"
	}
	return refused(http.StatusBadRequest, code, "Rate exceeded")
}
