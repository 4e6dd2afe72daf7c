//! How many scenarios a second: all feature files against the reference and smoltcp, on one thread and on all.
//!
//! `cargo bench -p wireproof --bench scenarios` prints, besides the time of a whole run, `elem/s`: scenarios per second.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wireproof::behaviour::{self, Config, Plan, features};
use wireproof::cli::run::{factory, profile};
use wireproof::report::Numbers;

/// What cannot be loaded has nothing to be measured.
fn plan() -> Plan {
    let scenarios = features::load(&features::source::embedded()).unwrap_or_default();
    behaviour::prepare(scenarios).unwrap_or_default()
}

fn config(device: &str, jobs: Option<usize>) -> Option<Config> {
    Some(Config {
        device: factory(device).ok()?,
        profile: profile(device).ok()?,
        seed: 1,
        numbers: Numbers::Random,
        is_judged: true,
        jobs,
        rerun: Arc::new(|id, _| id.to_owned()),
    })
}

fn running(criterion: &mut Criterion) {
    let plan = plan();
    let mut group = criterion.benchmark_group("scenarios");
    group.sample_size(10);
    group.throughput(Throughput::Elements(plan.len() as u64));
    for device in ["reference", "smoltcp"] {
        for (threads, jobs) in [("one thread", Some(1)), ("all threads", None)] {
            let Some(config) = config(device, jobs) else { continue };
            group.bench_function(BenchmarkId::new(device, threads), |bencher| {
                bencher.iter(|| black_box(behaviour::run(&plan, &config)).len());
            });
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
