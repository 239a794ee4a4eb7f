package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// measured is the result of a load; times are in microseconds.
type measured struct {
	PerSecond float64 `json:"perSecond"`
	Median    int64   `json:"median"`
	Hundredth int64   `json:"hundredth"`
	Failed    int     `json:"failed"`
}

// load sends requests to an echo server for some seconds, over new connections or a persistent one.
func load(kind, address, workers, seconds string) error {
	if kind != "new" && kind != "kept" {
		return fmt.Errorf("%s: connections are new or kept", kind)
	}
	number, err := strconv.Atoi(workers)
	if err != nil {
		return err
	}
	duration, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return err
	}
	var (
		gathering sync.Mutex
		running   sync.WaitGroup
		times     []time.Duration
		failed    int
	)
	end := time.Now().Add(duration)
	for range number {
		running.Add(1)
		go func() {
			defer running.Done()
			own, errors := work(kind, address, end)
			gathering.Lock()
			defer gathering.Unlock()
			times = append(times, own...)
			failed += errors
		}()
	}
	running.Wait()
	if len(times) == 0 {
		return fmt.Errorf("%s: no answer in %s", address, duration)
	}
	slices.Sort(times)
	return json.NewEncoder(os.Stdout).Encode(measured{
		PerSecond: float64(len(times)) / duration.Seconds(),
		Median:    times[len(times)/2].Microseconds(),
		Hundredth: times[len(times)*99/100].Microseconds(),
		Failed:    failed,
	})
}

// work sends requests until the end, and returns the time of each answer.
func work(kind, address string, end time.Time) (times []time.Duration, failed int) {
	var connection net.Conn
	answer := make([]byte, 4)
	for time.Now().Before(end) {
		began := time.Now()
		err := func() (err error) {
			if connection == nil {
				if connection, err = net.DialTimeout("tcp", address, time.Second); err != nil {
					return err
				}
			}
			if _, err = connection.Write([]byte("ask\n")); err != nil {
				return err
			}
			_, err = io.ReadFull(connection, answer)
			return err
		}()
		if err != nil {
			failed++
		} else {
			times = append(times, time.Since(began))
		}
		if connection != nil && (kind == "new" || err != nil) {
			_ = connection.Close()
			connection = nil
		}
	}
	return times, failed
}
