//! How many scenarios a second: all feature files against the reference and smoltcp, on one thread and on all, in this
//! process and through the device protocol.
//!
//! `cargo bench -p wireproof --bench scenarios` prints, besides the time of a whole run, `elem/s`: scenarios per second.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wireproof::behaviour::{self, Config, DeviceFactory, Plan, features};
use wireproof::cli::run::{factory, profile};
use wireproof::device::adapter::{Adapters, CommandLine};

/// What cannot be loaded has nothing to be measured.
fn plan() -> Plan {
    let scenarios = features::load(&features::source::embedded()).unwrap_or_default();
    behaviour::prepare(scenarios).unwrap_or_default()
}

fn config(device: &str, jobs: Option<usize>) -> Option<Config> {
    made(device, factory(device).ok()?, jobs)
}

/// The same device in a process of its own.
fn through(device: &str, jobs: Option<usize>) -> Option<Config> {
    let command = format!("'{}' serve --device {device}", env!("CARGO_BIN_EXE_wireproof"));
    let adapters = Adapters::start(CommandLine::parse(&command).ok()?).ok()?;
    let capabilities = profile(device).ok()?.capabilities(adapters.description());
    made(device, Arc::new(move || Box::new(adapters.device(capabilities.clone()))), jobs)
}

fn made(device: &str, factory: DeviceFactory, jobs: Option<usize>) -> Option<Config> {
    Some(Config { jobs, ..Config::new(factory, profile(device).ok()?) })
}

fn running(criterion: &mut Criterion) {
    let plan = plan();
    let mut group = criterion.benchmark_group("scenarios");
    group.sample_size(10);
    group.throughput(Throughput::Elements(plan.len() as u64));
    for device in ["reference", "smoltcp"] {
        for (threads, jobs) in [("one thread", Some(1)), ("all threads", None)] {
            for (how, config) in [("", config(device, jobs)), (" by protocol", through(device, jobs))] {
                let Some(config) = config else { continue };
                group.bench_function(BenchmarkId::new(format!("{device}{how}"), threads), |bencher| {
                    bencher.iter(|| black_box(behaviour::run(&plan, &config)).len());
                });
            }
        }
    }
    group.finish();
}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loading");
    group.sample_size(10);
    group.throughput(Throughput::Elements(plan().len() as u64));
    group.bench_function("read, check, make ready", |bencher| bencher.iter(|| black_box(plan()).len()));
    group.finish();
}

criterion_group!(benches, running, loading);
criterion_main!(benches);
