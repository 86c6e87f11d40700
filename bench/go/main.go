// The rows that Go has: goroutines, channels, timers, sync. Usage and output as of the C++ programs
// (bench/harness.h). Rows of one thread are run with GOMAXPROCS=1.
package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

//go:noinline
func child(i int) int { return i + 1 }

func sumTo(n int) int { return n * (n + 1) / 2 } // of child(0) … child(n - 1)

func spawnJoin(n int) {
	results := make(chan int, 1)
	watch, sum := newStopwatch(), 0
	for i := 0; i < n; i++ {
		i := i
		go func() { results <- child(i) }()
		sum += <-results
	}
	watch.report("spawn_join", n)
	require(sum == sumTo(n), "the sum of the children")
}

func yield(n int) {
	var both sync.WaitGroup
	watch := newStopwatch()
	for k := 0; k < 2; k++ {
		both.Add(1)
		go func() {
			for i := 0; i < n/2; i++ {
				runtime.Gosched()
			}
			both.Done()
		}()
	}
	both.Wait()
	watch.report("yield", n/2*2)
}

func gather(row string, most int) func(int) {
	return func(n int) {
		k := min(most, n)
		rounds, sum := n/k, 0
		watch := newStopwatch()
		for round := 0; round < rounds; round++ {
			results := make([]int, k)
			var all sync.WaitGroup
			all.Add(k)
			for i := 0; i < k; i++ {
				i := i
				go func() { results[i] = child(i); all.Done() }()
			}
			all.Wait()
			for _, result := range results {
				sum += result
			}
		}
		watch.report(row, rounds*k)
		require(sum == rounds*sumTo(k), "the sum of the children")
	}
}

func sleepMany(n int) {
	before, watch := peakBytes(), newStopwatch()
	var all sync.WaitGroup
	all.Add(n)
	for i := 0; i < n; i++ {
		d := time.Duration(1000+i%1000) * time.Millisecond
		go func() { time.Sleep(d); all.Done() }()
	}
	all.Wait()
	report("sleep_many_wall", watch.seconds())
	watch.reportCPU("sleep_many_cpu", n)
	report("sleep_many_mem", (peakBytes()-before)/float64(n))
}

func timerCancel(n int) {
	standing := make([]*time.Timer, 100000)
	for i := range standing {
		standing[i] = time.NewTimer(time.Duration(60000+i) * time.Millisecond)
	}
	watch := newStopwatch()
	for i := 0; i < n; i++ {
		time.NewTimer(time.Duration(60000+i%60000) * time.Millisecond).Stop()
		if i%1000 == 999 {
			runtime.Gosched()
		}
	}
	watch.report("timer_cancel", n)
	for _, timer := range standing {
		timer.Stop()
	}
}

func timerCancelArmed(n int) {
	standing := make([]*time.Timer, 100000)
	for i := range standing {
		standing[i] = time.NewTimer(time.Duration(60000+i) * time.Millisecond)
	}
	set, timers := 0, make([]*time.Timer, 1000)
	watch := newStopwatch()
	for set < n {
		for i := range timers {
			timers[i] = time.NewTimer(time.Duration(60000+set*7919%60000) * time.Millisecond)
			set++
		}
		runtime.Gosched()
		for _, timer := range timers {
			timer.Stop()
		}
	}
	watch.report("timer_cancel_armed", set)
	for _, timer := range standing {
		timer.Stop()
	}
}

func timerFire(n int) {
	var all sync.WaitGroup
	all.Add(n)
	watch := newStopwatch()
	for i := 0; i < n; i++ {
		time.AfterFunc(time.Duration(1+i*7919%1000)*time.Millisecond, all.Done)
	}
	all.Wait()
	watch.reportCPU("timer_fire", n)
}

func waitFor(n int) {
	watch, done := newStopwatch(), 0
	for i := 0; i < n; i++ {
		limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		result := make(chan int, 1)
		go func() { runtime.Gosched(); result <- 1 }()
		select {
		case x := <-result:
			done += x
		case <-limited.Done():
		}
		cancel()
	}
	watch.report("wait_for", n)
	require(done == n, "every wait ends with its value")
}

func cancelStorm(n int) {
	type task struct {
		cancel context.CancelFunc
		ended  chan error
	}
	never := make(chan int)
	watch := newStopwatch()
	tasks := make([]task, n)
	for i := range tasks {
		cancellable, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		tasks[i] = task{cancel, ended}
		go func() {
			select {
			case <-never:
				ended <- nil
			case <-cancellable.Done():
				ended <- cancellable.Err()
			}
		}()
	}
	runtime.Gosched()
	for _, t := range tasks {
		t.cancel()
	}
	cancelled := 0
	for _, t := range tasks {
		if <-t.ended == context.Canceled {
			cancelled++
		}
	}
	watch.report("cancel_storm", n)
	require(cancelled == n, "every task was cancelled")
}

func throughChannel(row string, pairs int) func(int) {
	return func(n int) {
		share, items := n/pairs, make(chan int, 1024)
		sums := make(chan int, pairs)
		watch := newStopwatch()
		for k := 0; k < pairs; k++ {
			go func() {
				for i := 0; i < share; i++ {
					items <- i
				}
			}()
			go func() {
				sum := 0
				for i := 0; i < share; i++ {
					sum += <-items
				}
				sums <- sum
			}()
		}
		sum := 0
		for k := 0; k < pairs; k++ {
			sum += <-sums
		}
		watch.report(row, pairs*share)
		require(sum == pairs*sumTo(share-1), "every item came out once")
	}
}

func mutexUncontended(n int) {
	var mutex sync.Mutex
	count := 0
	watch := newStopwatch()
	for i := 0; i < n; i++ {
		mutex.Lock()
		count++
		mutex.Unlock()
	}
	watch.report("mutex_uncontended", n)
	require(count == n, "every turn was taken")
}

func mutexHandoff(n int) {
	share, inside := max(1, n/8), 0
	var mutex sync.Mutex
	var all sync.WaitGroup
	all.Add(8)
	watch := newStopwatch()
	for k := 0; k < 8; k++ {
		go func() {
			for i := 0; i < share; i++ {
				mutex.Lock()
				require(inside == 0, "one at a time holds the lock")
				inside++
				runtime.Gosched()
				inside--
				mutex.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
	watch.report("mutex_handoff", 8*share)
}

// A thread asks another and waits for the answer.
func roundTrip(row string) func(int) {
	return func(n int) {
		ask, answer := make(chan int), make(chan int)
		go func() {
			runtime.LockOSThread()
			for x := range ask {
				answer <- x + 1
			}
		}()
		runtime.LockOSThread()
		sum := 0
		watch := newStopwatch()
		for i := 0; i < n; i++ {
			ask <- i
			sum += <-answer
		}
		watch.report(row, n)
		close(ask)
		require(sum == sumTo(n), "every answer came")
	}
}

func spawnMany(row string, body time.Duration) func(int) {
	return func(n int) {
		var all sync.WaitGroup
		all.Add(n)
		watch := newStopwatch()
		for i := 0; i < n; i++ {
			go func() {
				if body > 0 {
					busy(body)
				}
				all.Done()
			}()
		}
		all.Wait()
		watch.report(row, n)
	}
}

func main() {
	runRows([]row{
		{"spawn_join", 2000000, spawnJoin, true},
		{"yield", 10000000, yield, true},
		{"gather10", 2000000, gather("gather10", 10), true},
		{"gather1000", 2000000, gather("gather1000", 1000), true},
		{"gather1m", 2000000, gather("gather1m", 1000000), true},
		{"sleep_many", 1000000, sleepMany, false},
		{"timer_cancel", 1000000, timerCancel, true},
		{"timer_cancel_armed", 1000000, timerCancelArmed, true},
		{"timer_fire", 300000, timerFire, false},
		{"wait_for", 500000, waitFor, true},
		{"cancel_storm", 200000, cancelStorm, true},
		{"queue_spsc", 10000000, throughChannel("queue_spsc", 1), true},
		{"queue_mpmc", 10000000, throughChannel("queue_mpmc", 4), true},
		{"mutex_uncontended", 50000000, mutexUncontended, true},
		{"mutex_handoff", 2000000, mutexHandoff, true},
		{"post_rt", 20000, roundTrip("post_rt"), true},
		{"exec_rt", 20000, roundTrip("exec_rt"), true},
		{"exec_tp0", 2000000, spawnMany("exec_tp0", 0), true},
		{"exec_tp1", 500000, spawnMany("exec_tp1", time.Microsecond), true},
		{"exec_tp10", 100000, spawnMany("exec_tp10", 10*time.Microsecond), true},
		{"tq_spsc", 10000000, throughChannel("tq_spsc", 1), true},
		{"tq_mpmc", 10000000, throughChannel("tq_mpmc", 4), true},
		{"startup", 1, func(int) {}, false},
	})
}
