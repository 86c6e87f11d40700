//! Cancelling, channels, locks.

use crate::measure::{sum_to, Stopwatch};
use crate::task_rows::in_task;
use std::sync::Arc;
use tokio::sync::{mpsc, Mutex, Notify};

pub fn cancel_storm_unread(n: u64) {
    in_task(async move {
        let event = Arc::new(Notify::new());
        let watch = Stopwatch::new();
        let mut tasks = Vec::with_capacity(n as usize);
        for _ in 0..n {
            let event = event.clone();
            tasks.push(tokio::spawn(async move { event.notified().await }));
        }
        tokio::task::yield_now().await;
        for task in &tasks {
            task.abort();
        }
        let mut cancelled = 0;
        for task in tasks {
            if let Err(error) = task.await {
                cancelled += error.is_cancelled() as u64;
            }
        }
        watch.report("cancel_storm_unread", n);
        assert_eq!(cancelled, n);
    });
}

pub fn queue_spsc(n: u64) {
    in_task(async move {
        let (sender, mut receiver) = mpsc::channel::<u64>(1024);
        let watch = Stopwatch::new();
        let producer = tokio::spawn(async move {
            for i in 0..n {
                sender.send(i).await.unwrap();
            }
        });
        let mut sum = 0;
        while let Some(item) = receiver.recv().await {
            sum += item;
        }
        producer.await.unwrap();
        watch.report("queue_spsc", n);
        assert_eq!(sum, sum_to(n - 1));
    });
}

pub fn mutex_uncontended(n: u64) {
    in_task(async move {
        let mutex = Mutex::new(0u64);
        let watch = Stopwatch::new();
        for _ in 0..n {
            *mutex.lock().await += 1;
        }
        watch.report("mutex_uncontended", n);
        assert_eq!(*mutex.lock().await, n);
    });
}

pub fn mutex_handoff(n: u64) {
    let share = std::cmp::max(1, n / 8);
    in_task(async move {
        let mutex = Arc::new(Mutex::new(0u64));
        let watch = Stopwatch::new();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let mutex = mutex.clone();
            tasks.push(tokio::spawn(async move {
                for _ in 0..share {
                    let mut count = mutex.lock().await;
                    *count += 1;
                    tokio::task::yield_now().await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        watch.report("mutex_handoff", 8 * share);
        assert_eq!(*mutex.lock().await, 8 * share);
    });
}
