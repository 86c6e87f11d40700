//! Between threads.

use crate::measure::{busy, current_thread, multi_thread, sum_to, Stopwatch};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, Notify};

/// A thread asks, the loop answers.
pub fn post_rt(n: u64) {
    let ask = Arc::new(Notify::new());
    let asked = ask.clone();
    let (answer, answered) = std::sync::mpsc::channel::<()>();
    let looping = std::thread::spawn(move || {
        current_thread().block_on(async move {
            for _ in 0..n {
                asked.notified().await;
                answer.send(()).unwrap();
            }
        })
    });
    let watch = Stopwatch::new();
    for _ in 0..n {
        ask.notify_one();
        answered.recv().unwrap();
    }
    watch.report("post_rt", n);
    looping.join().unwrap();
}

pub fn post_tp(n: u64) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<u64>();
    let watch = Stopwatch::new();
    let foreign = std::thread::spawn(move || {
        for i in 0..n {
            sender.send(i).unwrap();
        }
    });
    current_thread().block_on(async move {
        let mut sum = 0;
        while let Some(item) = receiver.recv().await {
            sum += item;
        }
        watch.report("post_tp", n);
        assert_eq!(sum, sum_to(n - 1));
    });
    foreign.join().unwrap();
}

pub fn exec_rt(n: u64) {
    let workers = multi_thread(1);
    let waiting = current_thread();
    let watch = Stopwatch::new();
    let mut done = 0;
    for _ in 0..n {
        done += waiting.block_on(workers.spawn(async { 1 })).unwrap();
    }
    watch.report("exec_rt", n);
    assert_eq!(done, n);
}

fn spawn_many(row: &str, n: u64, body: Duration) {
    let workers = multi_thread(2);
    let watch = Stopwatch::new();
    let mut tasks = Vec::with_capacity(n as usize);
    for _ in 0..n {
        tasks.push(workers.spawn(async move {
            if !body.is_zero() {
                busy(body);
            }
            1
        }));
    }
    let done = current_thread().block_on(async move {
        let mut done = 0;
        for task in tasks {
            done += task.await.unwrap();
        }
        done
    });
    watch.report(row, n);
    assert_eq!(done, n);
}

pub fn exec_tp0(n: u64) {
    spawn_many("exec_tp0", n, Duration::ZERO);
}
pub fn exec_tp1(n: u64) {
    spawn_many("exec_tp1", n, Duration::from_micros(1));
}
pub fn exec_tp10(n: u64) {
    spawn_many("exec_tp10", n, Duration::from_micros(10));
}

/// The channel of Rust's standard library.
pub fn tq_spsc(n: u64) {
    let (sender, receiver) = std::sync::mpsc::sync_channel::<u64>(1024);
    let watch = Stopwatch::new();
    let producer = std::thread::spawn(move || {
        for i in 0..n {
            sender.send(i).unwrap();
        }
    });
    let sum: u64 = receiver.iter().sum();
    producer.join().unwrap();
    watch.report("tq_spsc", n);
    assert_eq!(sum, sum_to(n - 1));
}

pub fn offload_rt(n: u64) {
    current_thread().block_on(async {
        let watch = Stopwatch::new();
        let mut done = 0;
        for _ in 0..n {
            done += tokio::task::spawn_blocking(|| 1).await.unwrap();
        }
        watch.report("offload_rt", n);
        assert_eq!(done, n);
    });
}
