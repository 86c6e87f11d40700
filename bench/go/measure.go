package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type row struct {
	name       string
	operations int
	run        func(n int)
	warm       bool
}

var warmingUp = false

func report(row string, value float64) {
	if !warmingUp {
		fmt.Printf("%s %.3f\n", row, value)
	}
}

func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func peakBytes() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmHWM") {
			kib, _ := strconv.Atoi(strings.Fields(line)[1])
			return float64(kib) * 1024
		}
	}
	return 0
}

type stopwatch struct {
	begin time.Time
	cpu   time.Duration
}

func newStopwatch() stopwatch { return stopwatch{cpu: cpu(), begin: time.Now()} }

func (w stopwatch) seconds() float64 { return time.Since(w.begin).Seconds() }

func (w stopwatch) report(row string, n int) { report(row, w.seconds()*1e9/float64(n)) }

func (w stopwatch) reportCPU(row string, n int) {
	report(row, float64((cpu()-w.cpu).Nanoseconds())/float64(n))
}

func busy(t time.Duration) {
	end := time.Now().Add(t)
	for time.Now().Before(end) {
	}
}

func require(holds bool, what string) {
	if !holds {
		panic("the row did not do its work: " + what)
	}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func runRows(rows []row) {
	if len(os.Args) < 2 {
		for _, r := range rows {
			fmt.Println(r.name, r.operations)
		}
		return
	}
	for _, r := range rows {
		if r.name != os.Args[1] {
			continue
		}
		if len(os.Args) > 2 {
			n, _ := strconv.Atoi(os.Args[2])
			r.run(n)
			return
		}
		if r.warm {
			warmingUp = true
			r.run(r.operations / 20)
			warmingUp = false
		}
		r.run(r.operations)
		return
	}
	os.Exit(2)
}
