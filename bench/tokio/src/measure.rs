//! A table of rows, a stopwatch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

static WARMING_UP: AtomicBool = AtomicBool::new(false);

pub struct Row {
    pub name: &'static str,
    pub operations: u64,
    pub run: fn(u64),
    pub warm: bool,
}

pub fn report(row: &str, value: f64) {
    if !WARMING_UP.load(Ordering::Relaxed) {
        println!("{} {:.3}", row, value);
    }
}

fn proc_field(file: &str, name: &str) -> f64 {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// CPU time of the process, from the kernel's accounts in nanoseconds.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}

pub fn peak_bytes() -> f64 {
    proc_field("/proc/self/status", "VmHWM") * 1024.0
}

pub struct Stopwatch {
    begin: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub fn new() -> Self {
        Stopwatch { cpu: cpu(), begin: Instant::now() }
    }
    pub fn seconds(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }
    pub fn report(&self, row: &str, n: u64) {
        report(row, self.seconds() * 1e9 / n as f64);
    }
    pub fn report_cpu(&self, row: &str, n: u64) {
        report(row, (cpu() - self.cpu).as_secs_f64() * 1e9 / n as f64);
    }
}

pub fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn multi_thread(threads: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap()
}

pub fn busy(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {}
}

/// Of child(0) … child(n - 1).
pub fn sum_to(n: u64) -> u64 {
    n * (n + 1) / 2
}

pub fn main(rows: &[Row]) {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() < 2 {
        for row in rows {
            println!("{} {}", row.name, row.operations);
        }
        return;
    }
    let row = rows.iter().find(|row| row.name == arguments[1]).expect("a row of mine");
    if let Some(n) = arguments.get(2) {
        (row.run)(n.parse().unwrap());
        return;
    }
    if row.warm {
        WARMING_UP.store(true, Ordering::Relaxed);
        (row.run)(row.operations / 20);
        WARMING_UP.store(false, Ordering::Relaxed);
    }
    (row.run)(row.operations);
}
