//! Timers.

use crate::measure::{current_thread, peak_bytes, report, Stopwatch};
use crate::task_rows::in_task;
use std::future::ready;
use std::time::Duration;
use tokio::time::{sleep, timeout};

pub fn sleep_many(n: u64) {
    let before = peak_bytes();
    let watch = Stopwatch::new();
    current_thread().block_on(async {
        let tasks: Vec<_> = (0..n)
            .map(|i| tokio::spawn(async move { sleep(Duration::from_millis(1000 + i % 1000)).await }))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    report("sleep_many_wall", watch.seconds());
    watch.report_cpu("sleep_many_cpu", n);
    report("sleep_many_mem", (peak_bytes() - before) / n as f64);
}

/// Polls a sleep once, which arms it; something else is ready at once.
macro_rules! arm {
    ($timer:expr) => {
        tokio::select! {
            biased;
            _ = $timer => panic!("a timer of a minute fired"),
            _ = ready(()) => {}
        }
    };
}

pub fn timer_cancel(n: u64) {
    current_thread().block_on(async {
        let mut standing = Vec::new();
        for i in 0..100_000u64 {
            let mut timer = Box::pin(sleep(Duration::from_millis(60_000 + i)));
            arm!(&mut timer);
            standing.push(timer);
        }
        let watch = Stopwatch::new();
        for i in 0..n {
            let timer = sleep(Duration::from_millis(60_000 + i % 60_000));
            tokio::pin!(timer);
            arm!(&mut timer);
            if i % 1000 == 999 {
                tokio::task::yield_now().await;
            }
        }
        watch.report("timer_cancel", n);
    });
}

pub fn timer_cancel_armed(n: u64) {
    current_thread().block_on(async {
        let mut standing = Vec::new();
        for i in 0..100_000u64 {
            let mut timer = Box::pin(sleep(Duration::from_millis(60_000 + i)));
            arm!(&mut timer);
            standing.push(timer);
        }
        let mut timers = Vec::with_capacity(1000);
        let mut set = 0;
        let watch = Stopwatch::new();
        while set < n {
            for _ in 0..1000 {
                let mut timer = Box::pin(sleep(Duration::from_millis(60_000 + set * 7919 % 60_000)));
                arm!(&mut timer);
                timers.push(timer);
                set += 1;
            }
            tokio::task::yield_now().await;
            timers.clear();
        }
        watch.report("timer_cancel_armed", set);
    });
}

pub fn timer_fire(n: u64) {
    current_thread().block_on(async {
        let watch = Stopwatch::new();
        let tasks: Vec<_> = (0..n)
            .map(|i| tokio::spawn(sleep(Duration::from_millis(1 + i * 7919 % 1000))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        watch.report_cpu("timer_fire", n);
    });
}

async fn yields_once() -> u64 {
    tokio::task::yield_now().await;
    1
}

pub fn wait_for(n: u64) {
    in_task(async move {
        let watch = Stopwatch::new();
        let mut done = 0;
        for _ in 0..n {
            done += timeout(Duration::from_secs(10), yields_once()).await.unwrap();
        }
        watch.report("wait_for", n);
        assert_eq!(done, n);
    });
}
