// The program of the scenarios' pods: a sandbox's pause process, and a client that prints the address that the server
// saw.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const usage = `usage: client pause
       client ask tcp|udp HOST PORT [SECONDS]   prints the answer
       client repeat tcp|udp HOST PORT          asks five times a second, and prints what came of it
       client hold HOST PORT                    a connection that sends five lines a second until it breaks
       client load new|kept HOST PORT WORKERS SECONDS
                                                how many answers of an echo server a second, and how long each takes
       client echo ADDRESS PORT                 a server that sends back what it gets
       client get URL                           prints what a URL answers`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		args = []string{"pause"}
	}
	switch {
	case args[0] == "pause":
		pause()
		return nil
	case args[0] == "ask" && (len(args) == 4 || len(args) == 5):
		limit := 3 * time.Second
		if len(args) == 5 {
			seconds, err := time.ParseDuration(args[4] + "s")
			if err != nil {
				return err
			}
			limit = seconds
		}
		return ask(args[1], net.JoinHostPort(args[2], args[3]), limit, os.Stdout)
	case args[0] == "repeat" && len(args) == 4:
		repeat(args[1], net.JoinHostPort(args[2], args[3]))
		return nil
	case args[0] == "hold" && len(args) == 3:
		return hold(net.JoinHostPort(args[1], args[2]))
	case args[0] == "load" && len(args) == 6:
		return load(args[1], net.JoinHostPort(args[2], args[3]), args[4], args[5])
	case args[0] == "echo" && len(args) == 3:
		return echo(net.JoinHostPort(args[1], args[2]))
	case args[0] == "get" && len(args) == 2:
		return get(args[1], os.Stdout)
	}
	return fmt.Errorf("%s", usage)
}

// pause waits for its end, and reaps orphaned children.
func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

// ask sends four bytes and writes what comes back.
func ask(network, address string, limit time.Duration, out io.Writer) error {
	connection, err := net.DialTimeout(network, address, limit)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if _, err := connection.Write([]byte("ask\n")); err != nil {
		return err
	}
	if tcp, isTCP := connection.(*net.TCPConn); isTCP {
		if err := tcp.CloseWrite(); err != nil {
			return err
		}
		_, err = io.Copy(out, connection)
		return err
	}
	answer := make([]byte, 2048)
	length, err := connection.Read(answer)
	if err != nil {
		return err
	}
	_, err = out.Write(answer[:length])
	return err
}

// repeat prints a line for each request: its time in milliseconds since the epoch, and the answer or the error. It does
// not wait for an answer before the next request.
func repeat(network, address string) {
	var printing sync.Mutex
	for range time.Tick(200 * time.Millisecond) {
		go func() {
			began := time.Now().UnixMilli()
			var answer bytes.Buffer
			outcome := ""
			if err := ask(network, address, time.Second, &answer); err != nil {
				outcome = "error " + err.Error()
			} else {
				outcome = "answer " + string(bytes.TrimSpace(answer.Bytes()))
			}
			printing.Lock()
			defer printing.Unlock()
			fmt.Println(began, outcome)
		}()
	}
}

func echo(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			_, _ = io.Copy(connection, connection)
		}()
	}
}

// get prints what a URL answers.
func get(url string, out io.Writer) error {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(out, response.Body)
	return err
}

// hold prints the time of each answered line, in milliseconds since the epoch, and ends when the connection does.
func hold(address string) error {
	connection, err := net.DialTimeout("tcp", address, 3*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	answer := make([]byte, 2048)
	for range time.Tick(200 * time.Millisecond) {
		if _, err := connection.Write([]byte("hold\n")); err != nil {
			return err
		}
		if err := connection.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			return err
		}
		if _, err := connection.Read(answer); err != nil {
			return err
		}
		fmt.Println(time.Now().UnixMilli())
	}
	return nil
}
