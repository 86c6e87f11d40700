//! Awaiting and tasks.

use crate::measure::{current_thread, sum_to, Stopwatch};
use std::future::Future;
use std::pin::Pin;
use tokio::task::JoinSet;

#[inline(never)]
async fn child(i: u64) -> u64 {
    i + 1
}

/// One allocation a call, as a coroutine of C++ has; an unboxed one would be inlined away.
#[inline(never)]
fn boxed_child(i: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(child(i))
}

pub fn await_ready(n: u64) {
    current_thread().block_on(async move {
        let watch = Stopwatch::new();
        let mut sum = 0;
        for i in 0..n {
            sum += boxed_child(i).await;
        }
        watch.report("await_ready", n);
        assert_eq!(sum, sum_to(n));
    });
}

pub fn spawn_join(n: u64) {
    in_task(async move {
        let watch = Stopwatch::new();
        let mut sum = 0;
        for i in 0..n {
            sum += tokio::spawn(child(i)).await.unwrap();
        }
        watch.report("spawn_join", n);
        assert_eq!(sum, sum_to(n));
    });
}

async fn switches(n: u64) {
    for _ in 0..n {
        tokio::task::yield_now().await;
    }
}

pub fn yield_now(n: u64) {
    in_task(async move {
        let watch = Stopwatch::new();
        let one = tokio::spawn(switches(n / 2));
        let other = tokio::spawn(switches(n / 2));
        one.await.unwrap();
        other.await.unwrap();
        watch.report("yield", n / 2 * 2);
    });
}

fn gather(row: &'static str, n: u64, most: u64) {
    let k = std::cmp::min(most, n);
    let rounds = n / k;
    in_task(async move {
        let watch = Stopwatch::new();
        let mut sum = 0;
        for _ in 0..rounds {
            let tasks: Vec<_> = (0..k).map(|i| tokio::spawn(child(i))).collect();
            for task in tasks {
                sum += task.await.unwrap();
            }
        }
        watch.report(row, rounds * k);
        assert_eq!(sum, rounds * sum_to(k));
    });
}

pub fn gather10(n: u64) {
    gather("gather10", n, 10);
}
pub fn gather1000(n: u64) {
    gather("gather1000", n, 1000);
}
pub fn gather1m(n: u64) {
    gather("gather1m", n, 1_000_000);
}

pub fn taskgroup1000(n: u64) {
    let (rounds, k) = (std::cmp::max(1, n / 1000), 1000);
    in_task(async move {
        let watch = Stopwatch::new();
        let mut sum = 0;
        for _ in 0..rounds {
            let mut set = JoinSet::new();
            for i in 0..k {
                set.spawn(child(i));
            }
            while let Some(result) = set.join_next().await {
                sum += result.unwrap();
            }
        }
        watch.report("taskgroup1000", rounds * k);
        assert_eq!(sum, rounds * sum_to(k));
    });
}

pub fn startup(_: u64) {
    current_thread().block_on(async {});
}

/// Runs it as a task: block_on's own future is polled more dearly.
pub fn in_task(future: impl Future<Output = ()> + Send + 'static) {
    current_thread().block_on(async { tokio::spawn(future).await.unwrap() });
}
